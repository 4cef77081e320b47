"""Files are written whole or not at all, and what is no plain file is written to."""

import os
import threading
from pathlib import Path

import pytest

from syngen.files import atomic


def test_a_file_is_replaced_when_it_is_complete(tmp_path: Path) -> None:
    file = tmp_path / "report.json"
    file.write_text("old")
    with atomic(file) as part:
        part.write_text("new")
        assert file.read_text() == "old"
    assert file.read_text() == "new"
    assert list(tmp_path.iterdir()) == [file]


def test_an_older_file_stays_when_writing_fails(tmp_path: Path) -> None:
    file = tmp_path / "report.json"
    file.write_text("old")

    def fill_the_disk() -> None:
        with atomic(file) as part:
            part.write_text("ne")
            raise OSError("full")

    with pytest.raises(OSError, match="full"):
        fill_the_disk()
    assert file.read_text() == "old"
    assert list(tmp_path.iterdir()) == [file]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    file, link = tmp_path / "real.json", tmp_path / "link.json"
    file.write_text("old")
    try:
        link.symlink_to(file)
    except OSError:
        pytest.skip("this user may not make links")
    with atomic(link) as part:
        part.write_text("new")
    assert link.is_symlink()
    assert file.read_text() == "new"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    pipe, received = tmp_path / "pipe", []
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: received.append(pipe.read_text()), daemon=True)
    reader.start()
    with atomic(pipe) as part:
        part.write_text("new")
    reader.join(10)
    assert received == ["new"]
    assert pipe.is_fifo()
