"""What a model reads: complete, in good order, and row content stays what it is, whatever it contains."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from dataclasses import replace
from importlib import resources

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syngen.plan import make_plan
from syngen.prompts import PromptContext, ask_natively, build
from syngen.prompts.render import fill, full_name
from syngen.types import Prompt, Reference, Slot

base = build
TEMPLATES = [
    t for t in (resources.files("syngen.prompts") / "templates").iterdir() if t.name.endswith(".jinja")
]


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda t: t.name)
def test_every_template_begins_with_its_version(template) -> None:
    assert re.match(r"\{# version \d+", template.read_text("utf-8"))


def test_a_prompt_names_its_template_with_the_version(chat: PromptContext, slots: list[Slot]) -> None:
    assert re.fullmatch(r"base\.chat@\d+", base(chat, slots[:1], 0).template)


def every_prompt(brief: PromptContext, slots: list[Slot]) -> list[Prompt]:
    """One slot and several, with a domain and without."""
    return [
        base(replace(brief, domain=domain), slots[:k], 0) for k in (1, 3) for domain in (brief.domain, "")
    ]


@pytest.mark.parametrize("kind", ["chat", "completion"])
def test_prompts_have_no_gaps_and_no_leftovers(goods: Reference, slots: list[Slot], kind) -> None:
    for prompt in every_prompt(PromptContext(goods, "kitchen goods", kind, 1), slots):
        text = f"{prompt.system}\n{prompt.user}"
        assert not re.search(r"  |\n\n\n| \n|\{%|\{\{|None|\babout [.:]| 1 (?:new )?records", text)
        assert not prompt.user.startswith(("\n", " "))


def test_a_chat_prompt_says_what_is_known_and_how_long_it_shall_be(
    chat: PromptContext, slots: list[Slot]
) -> None:
    slot = next(s for s in slots if len(s.texts) == 2)
    prompt = base(chat, [slot], 0)
    assert "about kitchen goods" in prompt.system
    assert json.dumps({"kind": slot.values["kind"], "stars": slot.values["stars"]}) in prompt.user
    for name, target in slot.texts.items():
        assert f'"{name}" has about {target.words} word' in prompt.user
    assert prompt.user.endswith('with the keys "headline", "text".')


def test_a_chat_prompt_for_several_slots_numbers_them(chat: PromptContext, slots: list[Slot]) -> None:
    user = base(chat, slots[:3], 0).user
    assert "Write 3 new records for:" in user
    assert [f"Record {i}: " in user for i in (1, 2, 3, 4)] == [True, True, True, False]
    assert '{"rows": [...]}' in user


def test_without_a_domain_none_is_named(
    chat: PromptContext, completion: PromptContext, slots: list[Slot]
) -> None:
    assert "a data set. " in base(replace(chat, domain=""), slots[:1], 0).system
    assert base(replace(completion, domain=""), slots[:1], 0).user.startswith("Records. ")


def test_a_completion_prompt_is_a_pattern_that_ends_where_the_reply_begins(
    completion: PromptContext, slots: list[Slot]
) -> None:
    prompt = base(completion, slots[:1], 0)
    assert prompt.system == ""
    assert prompt.user.endswith("}\n")
    assert not prompt.user.endswith("\n\n")
    *examples, wanted = prompt.user.splitlines()[1:]
    assert len(examples) == 2 * len(prompt.shown)
    assert all("text" in json.loads(written) for written in examples[1::2])
    assert json.loads(wanted)["kind"] == slots[0].values["kind"]


@pytest.mark.parametrize("rows", [2, 3, 4, 7])
def test_the_pattern_for_several_slots_shows_whole_replies(
    completion: PromptContext, slots: list[Slot], rows: int
) -> None:
    prompt = base(completion, slots[:rows], 0)
    *examples, wanted = map(json.loads, prompt.user.splitlines()[1:])
    assert len(wanted) == rows
    sizes = {len(known) for known in examples[::2]}
    assert sizes == {len(reply["rows"]) for reply in examples[1::2]} == {min(rows, 4)}
    assert sum(len(known) for known in examples[::2]) == len(prompt.shown)


def test_a_table_of_nothing_but_text_gives_sound_prompts(goods_with: Callable[..., Reference]) -> None:
    from syngen.reference import load

    only = load(goods_with(40).frame.select("text"), text_columns=["text"])
    slots = list(make_plan(only, 3))
    assert "Write a new record.\n" in base(PromptContext(only, "pans", "chat", 0), slots[:1], 0).user
    for line in base(PromptContext(only, "pans", "completion", 0), slots[:1], 0).user.splitlines()[1:]:
        assert list(json.loads(line)) == ["text"]


def test_long_cells_are_cut(goods_with: Callable[..., Reference]) -> None:
    huge = goods_with(30, text=[f"Entry {i} " + "simmers " * 6_500 for i in range(30)])
    slots = list(make_plan(huge, 1))
    for kind in ("chat", "completion"):
        assert len(base(PromptContext(huge, "", kind, 0), slots, 0).user) < 8_000
    assert len(ask_natively(PromptContext(huge, "", "chat", 0), 5, 0).user) < 8_000


NASTY = [
    "{{ 7*7 }}",
    "{% raw %}{{",
    "{# gone #}",
    "{{ ''.__class__ }}",
    '"}\n{"text": "',
    "<b>&amp;</b>",
    "\u202eא\t",
]


@pytest.mark.parametrize("nasty", NASTY)
def test_row_content_is_never_evaluated(goods_with: Callable[..., Reference], nasty: str) -> None:
    texts = [f"Entry {i} says {nasty} and boils on" for i in range(24)]
    real = goods_with(24, text=texts)
    slots = list(make_plan(real, 2))
    prompt = base(PromptContext(real, "", "completion", 0), slots[:1], 0)
    written = [json.loads(line)["text"] for line in prompt.user.splitlines()[2::2]]
    assert written == [texts[row] for row in prompt.shown]
    native = ask_natively(PromptContext(real, nasty, "chat", 0), 2, 0)
    assert nasty in native.user
    assert "49" not in native.user.replace("Entry", "")


@settings(max_examples=50)
@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_any_text_comes_through_a_template_unchanged(text: str) -> None:
    told = {"domain": "", "count": 2, "rows": 2, "wishes": []}
    assert text in fill("native.chat", "user", table=f"note\n{text}", **told)


def test_the_native_prompt_is_what_a_person_would_type(chat: PromptContext, goods: Reference) -> None:
    prompt = ask_natively(chat, 10, 0)
    assert prompt.system == ""
    first, table, last = prompt.user.split("\n\n")
    assert re.fullmatch(r"Here are 4 rows of .*kitchen goods as CSV:", first)
    assert last == "Generate 10 more rows like these, as CSV with the same header."
    header, *rows = csv.reader(io.StringIO(table), strict=True)
    assert header == goods.frame.columns
    assert [row[0] for row in rows] == [str(goods.frame["stars"][i]) for i in prompt.shown]


def test_one_row_is_spoken_of_as_one(chat: PromptContext) -> None:
    user = ask_natively(replace(chat, shown=1, domain=""), 1, 0).user
    assert user.startswith("Here is 1 row as CSV:")
    assert "Generate 1 more row like these" in user


def test_a_template_without_a_version_is_a_bug(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "new.chat.jinja").write_text("{% block user %}{% endblock %}")
    monkeypatch.setattr(resources, "files", lambda _: tmp_path)
    with pytest.raises(ValueError, match=r"new\.chat does not begin with its version"):
        full_name("new.chat")
