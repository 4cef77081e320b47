"""Strategies: each says what it is for, alone or with others, packaged or a user's own; what is wrong is said."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import syngen
from syngen.controls import ControlSettings
from syngen.engine.run import checked
from syngen.errors import ConfigError
from syngen.models.providers.function import FunctionModel
from syngen.plan import make_plan
from syngen.prompts import STRATEGIES, PromptContext, ask_natively, build, parts_of, strategy_of
from syngen.prompts.compose import sentence_words
from syngen.prompts.render import fill, full_name
from syngen.prompts.shown import choose_rows
from syngen.types import Prompt, Reference, Slot, TextTarget

ALL = ("diversity", "complexity", "length")
SETS = [(), *[(name,) for name in ALL], ("complexity", "length"), ALL]
GAPS = re.compile(
    r"  |\n\n\n| \n|\{%|\{\{|None(?! begins)|\babout [.:]| 1 (?:new )?records|\(\)|,,|(?<!\.)\.\.(?!\.)"
)
TOLD = {
    "low": 12,
    "words": 20,
    "high": 41,
    "grade": 6.4,
    "grades": (3.2, 9.7),
    "aspects": ["rice", "hand"],
    "avoid": ["burnt my rice on", "it sits well in"],
}


def brief(goods: Reference, *names: str, kind: str = "chat", diversity: float | None = None) -> PromptContext:
    return PromptContext(goods, "kitchen goods", kind, 3, strategies=names, diversity=diversity)


@pytest.fixture(scope="module")
def varied(goods: Reference) -> list[Slot]:
    """Slots planned with attributes and levels of language."""
    return list(make_plan(goods, 60, seed=3, settings=ControlSettings(levels=True, diversity=1.0)))


def slot(slots: list[Slot], **target: Any) -> Slot:
    """A slot with nothing but a text, of this target."""
    return replace(slots[0], texts={"text": TextTarget(**{"words": 40, **target})})


def prompt(goods: Reference, slots: list[Slot], *names: str, kind: str = "chat", **target: Any) -> Prompt:
    return build(brief(goods, *names, kind=kind), [slot(slots, **target)], 0)


def no_gaps(prompt: Prompt) -> bool:
    return not GAPS.search(f"{prompt.system}\n{prompt.user}") and prompt.user == prompt.user.lstrip()


# ------------------------------------------------------------------------------------ the packaged ones
@pytest.mark.parametrize("names", SETS, ids="+".join)
@pytest.mark.parametrize("kind", ["chat", "completion"])
@pytest.mark.parametrize("count", [1, 3])
def test_any_combination_gives_prompts_without_gaps_and_names_all_its_templates(
    goods: Reference, varied: list[Slot], names: tuple[str, ...], kind: str, count: int
) -> None:
    for start in range(0, 30, count):
        made = build(brief(goods, *names, kind=kind), varied[start : start + count], 0)
        assert no_gaps(made)
        assert re.fullmatch(rf"base\.{kind}@\d+" + "".join(rf"\+{n}@\d+" for n in names), made.template)


@pytest.mark.parametrize("names", SETS, ids="+".join)
@pytest.mark.parametrize("without", [(), ("aspects",), ("avoid",), ("aspects", "avoid"), ("grade", "grades")])
def test_any_combination_gives_native_prompts_without_gaps(
    goods: Reference, names: tuple[str, ...], without: tuple[str, ...]
) -> None:
    empty = {"aspects": [], "avoid": [], "grade": None, "grades": ()}
    told = {**TOLD, **{name: empty[name] for name in without}}
    made = ask_natively(brief(goods, *names, diversity=0.5), 5, 0, told)
    assert no_gaps(made)
    assert made.template.split("@")[0] == "native.chat"
    assert re.fullmatch(r"native\.chat@\d+" + "".join(rf"\+{n}@\d+" for n in names), made.template)


@pytest.mark.parametrize(
    ("words", "said"), [(40, "36 to 44 words"), (20, "17 to 23 words"), (5, "5 words"), (1, "1 word")]
)
def test_length_says_the_range_that_a_text_may_have(
    goods: Reference, varied: list[Slot], words: int, said: str
) -> None:
    user = prompt(goods, varied, "length", words=words).user
    assert re.search(rf'"text" has {said}\b(?!s)', user)
    assert "about 40 words" not in prompt(goods, varied, "length").user


def test_complexity_says_the_level_in_words_sentences_and_as_a_grade(
    goods: Reference, varied: list[Slot]
) -> None:
    easy, hard = (prompt(goods, varied, "complexity", grade=grade).user for grade in (2.2, 13.0))
    assert "very simple: short sentences" in easy
    assert "reading grade 2" in easy
    assert "advanced: long, layered sentences" in hard
    assert "reading grade 13" in hard
    assert f"about {sentence_words(13.0)} words to a sentence" in hard
    assert "clause of their own" in prompt(goods, varied, "complexity", grade=9, clauses=1.5).user
    assert "hardly a word twice" in prompt(goods, varied, "complexity", grade=9, richness=120.0).user
    assert "grade" not in prompt(goods, varied, "complexity", grade=None).user


def test_five_levels_of_language_are_told_apart() -> None:
    target = {"text": "text", "sentence": 9, "examples": True, "main": True}
    said = {
        grade: fill("complexity", "wish", target=TextTarget(40, float(grade)), **target).split("(")[0]
        for grade in range(16)
    }
    assert len(set(said.values())) == 5
    changes = [grade for grade in range(1, 16) if said[grade] != said[grade - 1]]
    assert changes == [3, 6, 9, 12]


def test_sentences_grow_with_the_grade_as_the_formula_has_it() -> None:
    words = [sentence_words(grade) for grade in range(21)]
    assert words == sorted(words)
    assert words[0] >= 4
    assert words[-1] <= 40
    assert 8 <= sentence_words(5) <= 16


def test_diversity_says_of_what_by_whom_in_which_tone_and_how_not_to_begin(
    goods: Reference, varied: list[Slot]
) -> None:
    user = prompt(
        goods,
        varied,
        "diversity",
        aspects=("rice", "hand"),
        persona="my husband",
        situation="for work",
        style=("asks", "emoji"),
        opening="it sits",
        avoid=("burnt my rice on", "whisks egg white in"),
    ).user
    for said in ("rice and hand", "my husband", "for work", "asking, with an emoji", 'begins with "It sits"'):
        assert said in user
    assert 'begin with "burnt my rice on", "whisks egg white in"' in user
    bare = prompt(goods, varied, "diversity").user
    assert not re.search(r"speaks of|It mentions|occasion:|tone:|begin", bare)


def test_what_is_wished_is_said_of_each_record(goods: Reference, varied: list[Slot]) -> None:
    some = [slot(varied, words=words, grade=grade) for words, grade in ((20, 2.0), (60, 13.0))]
    user = build(brief(goods, *ALL), some, 0).user
    first, second = (re.search(rf"Record {i}: (.+)", user)[1] for i in (1, 2))  # type: ignore[index]
    assert "17 to 23 words" in first
    assert "very simple" in first
    assert "54 to 66 words" in second
    assert "advanced" in second


def test_native_questions_say_the_distribution_of_all_rows(goods: Reference) -> None:
    user = ask_natively(brief(goods, *ALL, diversity=0.5), 5, 0, TOLD).user
    for said in ("12 to 41 words", "more than 20", "reading grade 6, from 3 to 10", "rice, hand"):
        assert said in user
    assert '"burnt my rice on", "it sits well in"' in user
    assert user.startswith("Here are 4 rows")
    plain = ask_natively(brief(goods), 5, 0, None).user
    assert plain.endswith("with the same header.")


def test_a_pattern_shows_of_real_records_what_it_asks_of_the_wanted_one(reference: Reference) -> None:
    slots = list(make_plan(reference, 20, settings=ControlSettings(diversity=0.5)))
    wanted = next(slot for slot in slots if slot.texts["text"].aspects)
    made = build(brief(reference, *ALL, kind="completion", diversity=0.5), [wanted], 0)
    known = made.user.splitlines()[1::2]
    assert f'"note": "about {", ".join(wanted.texts["text"].aspects)}"' in known[-1]
    assert any('"note": "about ' in line for line in known[:-1])
    assert "note" not in build(brief(reference, "length", kind="completion"), [wanted], 0).user


# ------------------------------------------------------------------------------------ names
def test_parts_are_the_templates_beside_the_base_each_once() -> None:
    assert parts_of(["base"]) == ()
    assert parts_of(["base", "length", "diversity", "length"]) == ("length", "diversity")
    assert strategy_of(STRATEGIES) is build


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["wild"], "There is no strategy 'wild'. Strategies: base, diversity, complexity, length"),
        ([""], "There is no strategy ''"),
        (["lenght"], "There is no strategy 'lenght'"),
        (["no/such.jinja"], "The template no/such.jinja can't be read: No such file or directory"),
        (["no_such.py:build"], "There is no file 'no_such.py'"),
        (["no_such_module:build"], "can't be loaded: ModuleNotFoundError"),
        (["json:nothing"], "'json' has no function 'nothing'"),
        (["json:__name__"], "'json:__name__' is no function"),
    ],
)
def test_a_wrong_name_gets_one_clear_sentence(names: list[str], said: str) -> None:
    with pytest.raises(ConfigError) as error:
        strategy_of(names)
    assert said in str(error.value)
    assert "\n" not in str(error.value)
    assert error.value.exit_status == 2


# ------------------------------------------------------------------------------------ one's own template
def written(content: str, name: str = "mine.jinja") -> str:
    Path(name).write_text(content, "utf-8")
    return name


def test_a_template_with_blocks_is_combined_like_a_packaged_one(goods: Reference, varied: list[Slot]) -> None:
    mine = written(
        "{% block guidance %}Write like {{ domain }} pirates.{% endblock %}"
        '{% block wish %}"{{ text }}" has {{ low }}–{{ high }} words of rum.{% endblock %}'
        "{% block native %}Arr, {{ low }} at least.{% endblock %}"
    )
    assert strategy_of([mine, "length"]) is build
    names = parts_of([mine, "length"])
    made = build(brief(goods, *names), [slot(varied)], 0)
    assert "Write like kitchen goods pirates. Keep to the length" in made.system
    assert '"text" has 36–44 words of rum. "text" has 36 to 44 words' in made.user
    assert re.fullmatch(r"base\.chat@\d+\+mine\.jinja@[0-9a-f]{8}\+length@\d+", made.template)
    assert ask_natively(brief(goods, *names), 5, 0, TOLD).user.splitlines()[-2] == "Arr, 12 at least."
    assert no_gaps(build(brief(goods, *names, kind="completion"), [slot(varied)], 0))


def test_a_template_without_blocks_is_the_whole_prompt(goods: Reference, varied: list[Slot]) -> None:
    mine = written(
        "{% for row in shown %}{{ row.known.kind }}: {{ row.written.text }}\n{% endfor %}"
        "Now {{ records[0].texts.text.words }} words on {{ domain }}, {{ records[0].known | json }}"
    )
    assert parts_of([mine]) == ()
    made = strategy_of([mine])(brief(goods), varied[:1], 0)
    *shown, last = made.user.splitlines()
    assert [line.split(": ", 1)[1] for line in shown] == [goods.frame["text"][row] for row in made.shown]
    assert last.startswith(f"Now {varied[0].texts['text'].words} words on kitchen goods, {{")
    assert made.system == ""
    assert made.kind == "chat"
    assert re.fullmatch(r"mine\.jinja@[0-9a-f]{8}", made.template)


def test_an_edited_template_is_read_again_and_has_another_version(
    goods: Reference, varied: list[Slot]
) -> None:
    names = []
    for content in ("One.", "Two, edited."):
        mine = written(content)
        made = strategy_of([mine])(brief(goods), varied[:1], 0)
        assert made.user == content
        names.append(made.template)
    assert names[0] != names[1]


def test_a_template_of_the_same_name_in_another_folder_is_another(
    goods: Reference, varied: list[Slot], tmp_path: Path
) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        os.chdir(tmp_path / folder)
        written(f"From {folder}.")
        os.utime("mine.jinja", (1, 1))
        assert strategy_of(["mine.jinja"])(brief(goods), varied[:1], 0).user == f"From {folder}."


def test_a_template_may_use_the_packaged_words_for_levels(goods: Reference, varied: list[Slot]) -> None:
    mine = written(
        '{% block wish %}{% from "levels" import level %}It is {{ level(target.grade) }}.{% endblock %}'
    )
    assert "It is simple: short sentences" in prompt(goods, varied, mine, grade=4.0).user


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("line one\n{% block wish %}", "is wrong in line 2: "),
        ("one\ntwo\n{{ 1 +* }}", "is wrong in line 3: "),
        ("{{ x | nofilter }}", "is wrong in line 1: No filter named 'nofilter'"),
    ],
)
def test_a_mistake_in_the_writing_is_told_with_its_line_before_anything_is_spent(
    goods: Reference, content: str, said: str
) -> None:
    mine = written(content)
    with pytest.raises(ConfigError) as error:
        checked(n=3, strategy=mine)
    assert f"mine.jinja {said}" in str(error.value)
    assert "\n" not in str(error.value)


def test_what_is_no_text_file_is_refused() -> None:
    Path("mine.jinja").write_bytes(b"\xff\xfe\x00{{")
    with pytest.raises(ConfigError, match=r"The template mine\.jinja can't be read: 'utf-8'"):
        strategy_of(["mine.jinja"])
    Path("folder.jinja").mkdir()
    with pytest.raises(ConfigError, match=r"folder\.jinja can't be read: Is a directory"):
        strategy_of(["folder.jinja"])


BROKEN = {
    "an unknown name": ("\n{{ nobody }}", 2, "'nobody' is undefined"),
    "an unknown field": ("{{ target.colour }}", 1, "has no attribute 'colour'"),
    "a division by zero": ("x\n\n{{ 1 / 0 }}", 3, "division by zero"),
    "a wrong type": ("{{ 1 + 'a' }}", 1, "unsupported operand"),
    "a missing include": ('a\n{% include "nothing" %}', 2, "nothing"),
    "a long range": ("{{ range(10 ** 9) | list }}", 1, "ange too big"),
    "the way out of the sandbox": ("\n\n{{ ''.__class__.__mro__ }}", 3, "unsafe"),
    "a longer way out": ("{{ target.__init__.__globals__ }}", 1, "unsafe"),
    "a change of what it is told": ("{% if target.avoid.append(1) %}{% endif %}", 1, "no attribute 'append'"),
}


@pytest.mark.parametrize("case", BROKEN)
@pytest.mark.parametrize("whole", [True, False], ids=["whole", "block"])
def test_a_template_that_can_not_be_filled_in_is_told_with_its_line(
    goods: Reference, varied: list[Slot], case: str, whole: bool
) -> None:
    content, line, said = BROKEN[case]
    if whole:
        mine = written(content.replace("target", "records[0].texts.text"))
    else:
        mine = written("{% block wish %}" + content + "{% endblock %}")
    with pytest.raises(ConfigError) as error:
        strategy_of([mine])(brief(goods, *parts_of([mine])), varied[:1], 0)
    assert f"The template mine.jinja can't be filled in in line {line}: " in str(error.value).replace(
        "filled in: line", "filled in in line"
    )
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_a_template_that_writes_nothing_is_refused(goods: Reference, varied: list[Slot]) -> None:
    mine = written("{# nothing yet #}\n \n")
    with pytest.raises(ConfigError, match="gives an empty prompt"):
        strategy_of([mine])(brief(goods), varied[:1], 0)


def test_a_template_sees_cells_as_data(goods_with: Callable[..., Reference]) -> None:
    nasty = [f"Entry {i} says {{{{ 7*7 }}}} {{% raw %}}" for i in range(30)]
    cells = goods_with(30, text=nasty)
    mine = written("{% for row in shown %}{{ row.written.text }}\n{% endfor %}")
    user = strategy_of([mine])(brief(cells), list(make_plan(cells, 1)), 0).user
    assert "{{ 7*7 }} {% raw %}" in user
    assert "49" not in user.replace("Entry 49", "")


# ------------------------------------------------------------------------------------ one's own function
FUNCTION = """
from syngen.types import Prompt

def build(brief, slots, attempt):
    return Prompt(brief.kind, f"{VERSE} {len(slots)} {attempt}", template="mine@1")

def nothing(brief, slots, attempt):
    return "a text"

number = 4
"""


def test_a_function_in_a_file_or_a_module_is_a_strategy(
    goods: Reference, varied: list[Slot], monkeypatch: pytest.MonkeyPatch
) -> None:
    written("VERSE = 'Roses'" + FUNCTION, "own_strategy.py")
    monkeypatch.syspath_prepend(".")
    for name in ("./own_strategy.py:build", "own_strategy:build"):
        assert strategy_of([name])(brief(goods), varied[:2], 1).user == "Roses 2 1"
    written("VERSE = 'Violets, edited'" + FUNCTION, "own_strategy.py")
    assert strategy_of(["own_strategy.py:build"])(brief(goods), varied[:2], 1).user == "Violets, edited 2 1"


def test_a_function_that_gives_no_prompt_or_is_none_is_refused(goods: Reference, varied: list[Slot]) -> None:
    written("VERSE = 1" + FUNCTION, "mine.py")
    with pytest.raises(
        ConfigError, match=r"'mine\.py:nothing' returned str\. Return a syngen\.types\.Prompt"
    ):
        strategy_of(["mine.py:nothing"])(brief(goods), varied[:1], 0)
    with pytest.raises(ConfigError, match=r"'mine\.py:number' is no function"):
        strategy_of(["mine.py:number"])
    with pytest.raises(ConfigError, match=r"'mine\.py' has no function 'missing'"):
        strategy_of(["mine.py:missing"])
    written("import nothing_of_this_name\n", "broken.py")
    with pytest.raises(ConfigError, match=r"'broken\.py:f' can't be loaded: ModuleNotFoundError"):
        strategy_of(["broken.py:f"])
    written("def f(:\n", "unsound.py")
    with pytest.raises(ConfigError, match=r"'unsound\.py:f' can't be loaded: SyntaxError"):
        strategy_of(["unsound.py:f"])


@pytest.mark.parametrize(
    "names", [["whole.jinja", "length"], ["json:loads", "whole.jinja"], ["length", "json:loads"]]
)
def test_what_makes_the_whole_prompt_can_not_be_combined(names: list[str]) -> None:
    written("All of it.", "whole.jinja")
    with pytest.raises(ConfigError, match="makes the whole prompt, so it can't be combined"):
        strategy_of(names)
    strategy_of(["base", names[0]] if names[0] != "length" else ["base", names[1]])


def test_a_turned_control_needs_a_strategy_that_can_be_combined() -> None:
    written("All of it.", "whole.jinja")
    with pytest.raises(ConfigError, match="can't be combined"):
        checked(n=3, strategy="whole.jinja", length="40")


def test_native_mode_refuses_a_strategy_that_it_would_not_use() -> None:
    written("All of it.", "whole.jinja")
    for name in ("whole.jinja", "json:loads"):
        with pytest.raises(ConfigError, match="--mode native can't use it"):
            checked(n=3, strategy=name, mode="native")


def test_a_run_with_a_template_of_ones_own_records_its_version(
    goods: Reference, writer: FunctionModel
) -> None:
    mine = written("{% block wish %}Mind the rum.{% endblock %}")
    run = syngen.generate(goods, 4, model=writer, strategy=f"{mine},length")
    request = run.replay(1)["request"]
    assert "Mind the rum." in request["prompt"]["user"]
    assert request["prompt"]["template"].split("+")[1] == full_name(mine)


# ------------------------------------------------------------------------------------ what is shown
def test_shown_rows_follow_the_targets_of_a_slot(goods: Reference, varied: list[Slot]) -> None:
    words = goods.measures["text"].words
    means = []
    for wanted in (14, 55):
        shown = [
            row
            for some in varied
            for row in choose_rows(brief(goods, "length"), [_with_words(some, wanted)], 0)
        ]
        means.append(words[shown].mean())
    assert means[0] < 22
    assert means[1] > 30


def _with_words(some: Slot, words: int) -> Slot:
    return replace(some, texts={**some.texts, "text": replace(some.texts["text"], words=words)})


def test_shown_rows_follow_the_grade_and_the_topic_where_these_are_wanted(reference: Reference) -> None:
    from syngen.text.attributes import attributes

    slots = list(make_plan(reference, 60, settings=ControlSettings(diversity=0.5)))
    grades = reference.measures["text"].grade
    topics = attributes(reference, "text").topic

    def shown(name: str, **target: Any) -> np.ndarray:
        asked = [replace(s, texts={"text": replace(s.texts["text"], **target)}) for s in slots]
        named = PromptContext(reference, "", "chat", 1, strategies=(name,))
        return np.array([row for some in asked for row in choose_rows(named, [some], 0)])

    easy, hard = (float(np.nanmean(grades[shown("complexity", grade=grade)])) for grade in (2.0, 10.0))
    assert hard - easy > 2.5
    for topic in range(attributes(reference, "text").topics):
        assert (topics[shown("diversity", topic=topic)] == topic).mean() > 0.5
        by_length = (topics[shown("length", topic=topic)] == topic).mean()
        assert (topics[shown("diversity", topic=topic)] == topic).mean() > by_length + 0.1


def test_for_diversity_every_real_row_is_shown_about_as_often(goods_with: Callable[..., Reference]) -> None:
    many = goods_with(900)
    spread = {}
    for names in ((), ("diversity",)):
        counts = np.zeros(many.frame.height, int)
        for some in make_plan(many, 800, seed=1, settings=ControlSettings(diversity=0.5)):
            np.add.at(counts, list(choose_rows(brief(many, *names), [some], 0)), 1)
        assert counts[many.held_out].sum() == 0
        counts = counts[many.train]
        spread[names] = (np.std(counts) / counts.mean(), (counts == 0).mean())
    assert spread["diversity",][0] < 0.6 < spread[()][0]
    assert spread["diversity",][1] < 0.03 < spread[()][1]
