"""Draw `docs/demo.svg`: the real output of three commands on the sample data, as a terminal shows it.

Run from the project's root: `uv run python docs/picture.py`.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.text import Text

ROOT = Path(__file__).parent.parent
SAMPLE = ROOT / "src" / "syngen" / "data" / "reviews.csv"
WIDTH = 104


def syngen(folder: str, *arguments: str) -> str:
    """What a command prints, results and messages."""
    command = [sys.executable, "-m", "syngen", *arguments]
    done = subprocess.run(
        command,
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "COLUMNS": str(WIDTH)},
    )
    return done.stdout


def main() -> None:
    console = Console(record=True, width=WIDTH, file=sys.stderr)
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "reviews.csv").write_bytes(SAMPLE.read_bytes())

        def show(command: str, output: str) -> None:
            console.print(Text(f"$ {command}", style="bold green"))
            console.print(Text(output.rstrip().replace(folder, ".")))
            console.print()

        show("syngen profile reviews.csv", syngen(folder, "profile", "reviews.csv"))
        generate = ("generate", "reviews.csv", "-n", "50", "-o", "new.csv", "--run", "run", "--seed", "1")
        show(f"syngen {' '.join(generate)}", syngen(folder, *generate))
        look = "head -8 new.csv | cut -c 1-100"
        shell = subprocess.run(look, shell=True, cwd=folder, capture_output=True, text=True, check=True)
        show(look, shell.stdout)
    console.save_svg(str(ROOT / "docs" / "demo.svg"), title="syngen")


if __name__ == "__main__":
    main()
