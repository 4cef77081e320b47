"""What programs rely on: commands, options, exit statuses, the fields of every `--json`, the public Python names."""

from __future__ import annotations

import inspect
import re
import shutil
from pathlib import Path

import golden_tables
import golden_writer
import pytest

import syngen as public
from golden import RUNS, check, masked, shape, syngen

HERE = Path()
WRITER = "function/golden_writer:planned"


def test_every_command_has_its_options() -> None:
    found: dict[str, object] = {}
    left: list[tuple[str, ...]] = [()]
    while left:
        command = left.pop()
        whole = "--help-all" if command in {("generate",), ("preview",)} else "--help"
        shown = syngen(*command, whole).out
        options = re.findall(r"^  (-[\w-]+(?:, -[\w-]+)*)(?=\s)", shown, re.MULTILINE)
        listed = shown.partition("\nCommands:\n")[2].partition("\n\n")[0]
        commands = re.findall(r"^  (\w[\w-]*)", listed, re.MULTILINE)
        names = sorted(name for several in options for name in re.findall(r"-[\w-]+", several))
        found[" ".join(("syngen", *command))] = {"options": names, "commands": sorted(commands)}
        left += [(*command, name) for name in commands]
    check("commands", found)


def test_public_names_take_their_arguments() -> None:
    functions = ("load", "profile", "preview", "generate", "resume", "evaluate", "evaluate_run", "open_run")
    functions += ("list_runs", "fit", "outcome")
    arguments = {name: list(inspect.signature(getattr(public, name)).parameters) for name in functions}
    check("python", {"names": sorted(public.__all__), "arguments": arguments})


@pytest.mark.parametrize(
    "arguments",
    [
        "generate missing.csv -n 5",
        "generate reviews.csv",
        "generate reviews.csv -n 0",
        "generate reviews.csv -n some",
        "generate reviews.csv -n 5 --nonsense",
        "generate reviews.csv -n 5 --strategy nonsense",
        "generate reviews.csv -n 5 --length nonsense",
        "generate reviews.csv -n 5 --complexity nonsense",
        "generate reviews.csv -n 5 --diversity 7",
        "generate reviews.csv -n 5 --mode nonsense",
        "generate reviews.csv -n 5 --category books --no-category",
        "generate reviews.csv -n 5 --text-column nonsense",
        "generate reviews.csv -n 5 --role rating=nonsense",
        "generate reviews.csv -n 5 -o out.xyz",
        "generate reviews.csv -n 5 -o there.csv",
        "generate reviews.csv -n 5 -o no/folder/out.csv",
        "generate reviews.csv -n 5 --run finished",
        "generate reviews.csv -n 5 --resume",
        "generate reviews.csv -n 5 --config unknown.yaml",
        "generate reviews.csv -n 5 --model nonsense/name",
        "generate reviews.csv -n 5 --model function/golden_writer:nonsense",
        "generate empty.csv -n 5",
        "generate header.csv -n 5",
        "preview reviews.csv",
        "profile missing.csv",
        "evaluate reviews.csv missing.csv",
        "evaluate reviews.csv there.csv --html no/folder/report.html",
        "report missing",
        "runs show missing",
        "runs replay finished 99",
        "runs export finished -o out.xyz",
        "runs resume missing",
        "models check nonsense/name",
        "nonsense",
    ],
)
def test_bad_input_exits_with_2_and_a_sentence(arguments: str) -> None:
    golden_tables.reviews(HERE)
    shutil.copytree(RUNS / "finished", "finished")
    Path("there.csv").write_text("a,b\n1,2\n")
    Path("empty.csv").write_text("")
    Path("header.csv").write_text("rating,text\n")
    Path("unknown.yaml").write_text("nonsense: 1\n")
    model = () if "--model" in arguments or not arguments.startswith("generate") else ("--model", WRITER)
    answer = syngen(*arguments.split(), *model, expect=2)
    assert answer.err.startswith("syngen: "), answer.err
    assert "Traceback" not in answer.err
    assert not answer.out


@pytest.mark.parametrize(
    ("how", "limit"), [("planned", ("--max-tokens", "900")), ("mute", ("--min-yield", "0.5"))]
)
def test_a_short_run_exits_with_3_and_keeps_its_rows(how: str, limit: tuple[str, str]) -> None:
    golden_tables.tickets(HERE)
    asked = ("generate", "tickets.csv", "-n", 20, "--model", f"function/golden_writer:{how}", "--no-report")
    answer = syngen(*asked, *limit, "--run", "short", "--json", expect=3)
    assert Path("short/rows.csv").exists()
    check(f"short_{how}", masked(answer.json))


def test_an_unreachable_model_exits_with_4() -> None:
    golden_tables.tickets(HERE)
    unreachable = ("--model", "openai/x", "--base-url", "http://127.0.0.1:9/v1", "--retry-timeout", 0.05)
    answer = syngen("generate", "tickets.csv", "-n", 2, *unreachable, expect=4)
    assert answer.err.strip()
    assert "Traceback" not in answer.err


def test_an_interrupted_run_exits_with_130(monkeypatch: pytest.MonkeyPatch) -> None:
    golden_tables.tickets(HERE)
    monkeypatch.setattr(golden_writer, "calls_left", [1])
    syngen("generate", "tickets.csv", "-n", 3, "--model", WRITER, "--run", "cut", expect=130)
    shown = syngen("runs", "show", "cut", "--json").json
    assert (shown["asked"], shown["accepted"], shown["exact"]) == (3, 1, False)


def test_models_are_listed_in_the_same_fields() -> None:
    listed = syngen("models", "list", "--json").json
    providers = sorted(one["provider"] for one in listed["providers"])
    names = sorted(one["name"] for one in listed["catalogue"]["models"])
    fields = {
        "default": listed["default"],
        "providers": shape([{**one, "models": ["name"]} for one in listed["providers"]]),
        "catalogue": shape(listed["catalogue"]),
    }
    check("models_list", {"fields": fields, "providers": providers, "catalogue": names})


def test_a_model_is_checked_in_the_same_fields() -> None:
    check("models_check", shape(syngen("models", "check", WRITER, "--json").json))
