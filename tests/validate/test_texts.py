"""Each way in which a model's text goes wrong has its reason, and sound texts pass."""

from __future__ import annotations

import random
from dataclasses import replace

import polars as pl
import pytest
from by_hand import PROMPT, TEXTS, code, make_reference
from hypothesis import given, settings
from hypothesis import strategies as st

from syngen.types import Candidate, Prompt, Rejected, Role, Slot, TextTarget
from syngen.validate import Validator

SOUND = "The strap came loose on the descent but a knot held it until we reached the valley."


@pytest.mark.parametrize(
    "text",
    [
        SOUND,
        "Good.",
        "No, no, no! This is not what I ordered, not at all.",
        "Very, very, very, very warm, I must say.",
        "Cost [not the price online] about 40 :) <br /><br />Would buy again (really).",
        "He asked: \"Is it dry?\" and I said: 'Yes'.",
        "¡Qué buena tienda! 👍👍👍",
        "とても軽くて、設営も簡単でした。",
        "  Spaces around it are trimmed.  ",
    ],
)
def test_sound_texts_pass(judge, text):
    row = judge(text)
    assert code(row) == "ok"
    assert row["text"] == text.strip()


GERMAN = """Wir haben das Zelt oben am See aufgebaut, und am Morgen lag Reif auf den Stangen,
aber innen blieb zum Glück alles trocken und warm."""
LOOPED = "The seams held and the zip ran and all was well on the way up. "


@pytest.mark.parametrize(
    ("reason", "text"),
    [
        ("empty_text", ""),
        ("empty_text", " \n "),
        ("control_characters", "Dry\x00 inside."),
        ("control_characters", "Dry \ud83d inside."),
        ("control_characters", "It wasn\ufffdt dry inside."),
        ("too_long", " ".join(f"peak{i}" for i in range(200))),
        ("too_long", "x" * 2000),
        ("no_words", "... !!!"),
        ("template_leftover", "I took the [Product Name] up the hill."),
        ("template_leftover", "I took the [insert tent here] up the hill."),
        ("template_leftover", "I took the {{item}} up the hill."),
        ("template_leftover", "The <product name> held in the wind."),
        ("template_leftover", "Held in the wind.<|im_end|>"),
        ("template_leftover", "Lorem ipsum dolor sit amet on the hill."),
        ("assistant_talk", "As an AI language model, I have never slept in a tent."),
        ("assistant_talk", "Sure, here is a new entry: the tent held."),
        ("assistant_talk", "I'm sorry, but I can't help with that."),
        ("leaked_format", 'The tent held.", "title": "Held'),
        ("leaked_format", 'The tent held.\\", \\"title\\": \\"Held'),
        ("loop", "It was warm and dry. " * 6),
        ("loop", "The tent is good and good and good and good and good and that is it."),
        ("loop", "warm " * 9),
        ("loop", LOOPED + LOOPED),
        ("prompt_echo", "Each entry reads as if another member had written it. The tent held."),
        ("prompt_echo", "Write one new entry of the travel diary for a tent."),
        ("prompt_echo", "Use your own words"),
        (
            "wrong_language",
            GERMAN,
        ),
        ("template_leftover", "We slept in [town] and it stayed dry."),
        ("template_leftover", "We slept in [TOWN] and it stayed dry."),
        ("template_leftover", "We met {Town Crier} and it stayed dry."),
        ("template_leftover", "The <tent> stayed dry all night."),
        ("template_leftover", "On XX/XX/XXXX the tent stayed dry."),
        ("template_leftover", "We slept in ______ and it stayed dry."),
        ("format_debris", "The tent held. }}}]})}"),
        ("format_debris", "The tent held. ]}} 36,785 records for you. }}}]})};"),
        ("format_debris", 'The tent held."]'),
        ("format_debris", "The tent held.\\nIt was dry."),
        ("format_debris", "The tent held, {'and"),
        ("code_run", "The tent held @JTN97781211 in the wind."),
        ("code_run", "The tent held JTN9778121100211 in the wind."),
        ("code_run", "The tent held 977812110021134455 nights."),
    ],
)
def test_each_fault_of_a_text_has_its_reason(judge, reason, text):
    rejected = judge(text)
    assert code(rejected) == f"valid.{reason}"
    assert rejected.detail.startswith("'text'")
    assert (rejected.raw, rejected.slot) == ("raw", 3)


def test_titles_are_checked_like_texts(judge):
    assert code(judge(SOUND, title="[Your Title]")) == "valid.template_leftover"
    assert code(judge(SOUND, title="")) == "valid.empty_text"
    assert code(judge(SOUND, title="!!!")) == "ok"


def test_a_slot_may_leave_the_title_empty(judge):
    assert judge(SOUND, title=None) == {"kind": "tent", "title": None, "text": SOUND}


def test_a_text_may_be_three_times_as_long_as_asked_even_when_real_ones_are_short(judge):
    text = " ".join(random.Random(4).choices(" ".join(TEXTS).split(), k=100))
    assert code(judge(text, words=20)) == "valid.too_long"
    assert code(judge(text, words=40)) == "ok"


def test_what_stands_in_a_shown_row_is_a_copy_and_no_echo(diary):
    acceptance = Validator(diary)
    prompt = Prompt("chat", f"{PROMPT.user} Real entries: {TEXTS[0]}", shown=(0,))
    slot = Slot(0, {"kind": "tent", "title": None}, {"text": TextTarget(15)}, 1, 0, 0, 0)
    judged = acceptance.judge(Candidate(0, {"text": TEXTS[0]}, ""), slot, prompt)
    assert code(judged) == "new.copied_shown"


def test_a_check_that_real_texts_break_is_left_out():
    texts = [f"Dear [NAME], parcel {i} waits at the counter until {i} o'clock." for i in range(200)]
    reference = make_reference(pl.DataFrame({"letter": texts}), {"letter": Role.TEXT})
    slot = Slot(0, {}, {"letter": TextTarget(10)}, 1, 0, 0, 0)

    def judged(text):
        return code(Validator(reference).judge(Candidate(0, {"letter": text}, ""), slot, Prompt("chat", "")))

    assert judged("Hello [NAME], nobody was there to sign for it.") == "ok"
    assert judged("As an AI, I can't sign for it.") == "valid.assistant_talk"


def test_one_odd_real_text_does_not_switch_a_check_off():
    texts = [f"Parcel {i} waits at the counter until {i} o'clock." for i in range(30)] + ["Dear [NAME], no."]
    reference = make_reference(pl.DataFrame({"letter": texts}), {"letter": Role.TEXT})
    slot = Slot(0, {}, {"letter": TextTarget(10)}, 1, 0, 0, 0)
    candidate = Candidate(0, {"letter": "Hello [NAME], nobody was there to sign for it."}, "")
    assert code(Validator(reference).judge(candidate, slot, Prompt("chat", ""))) != "ok"


PIECES = st.sampled_from(["\x00", "\ud800", "[", "{{", '": "', "tent ", "👍", "<|", "the ", "\n", TEXTS[0]])


@settings(deadline=None)
@given(
    st.lists(PIECES | st.text(max_size=20), max_size=30).map("".join),
    st.none() | st.text(max_size=20),
    st.lists(st.integers(0, 5), max_size=3),
)
def test_any_text_gives_a_row_of_the_references_columns_or_a_reject(diary, text, title, shown):
    acceptance = Validator(diary)
    texts = {"text": text} if title is None else {"title": title, "text": text}
    slot = Slot(0, {"kind": "tent", "title": None}, {n: TextTarget(10) for n in texts}, 1, 0, 0, 0)
    for _ in range(2):
        judged = acceptance.judge(Candidate(0, texts, text), slot, replace(PROMPT, shown=tuple(shown)))
        if isinstance(judged, Rejected):
            assert judged.stage in {"valid", "new"}
            assert judged.detail
        else:
            assert list(judged) == diary.frame.columns
            assert judged["text"].encode()
    assert isinstance(judged, Rejected)


LETTERS = [
    f"Parcel {i} waits at the counter of the shop, where you can get it until {i % 12} o'clock."
    for i in range(200)
]


def letter_judge(texts: list[str], words: int = 20):
    reference = make_reference(pl.DataFrame({"letter": texts}), {"letter": Role.TEXT})
    validator = Validator(reference)
    slot = Slot(0, {}, {"letter": TextTarget(words)}, 1, 0, 0, 0)
    return lambda text: code(validator.judge(Candidate(0, {"letter": text}, ""), slot, Prompt("chat", "")))


@pytest.mark.parametrize(
    ("real", "new", "reason"),
    [
        (" Ask <owner>.", "Nobody came to sign, so please ask <person> there.", "template_leftover"),
        (" Ask [name].", "Nobody came to sign, so please ask [person] there.", "template_leftover"),
        (' It said "}]}".', "Nobody came to sign, so please answer soon }]}.", "format_debris"),
        (" Code QX{i}1234567.", "Nobody came to sign, so please use QW1234567 there.", "code_run"),
        (" Bye now", "Nobody came to sign, so please ask the owner there", "unfinished"),
    ],
)
def test_forms_that_real_texts_have_are_no_fault(real, new, reason):
    assert letter_judge(LETTERS)(new) == f"valid.{reason}"
    assert letter_judge([text + real.replace("{i}", str(i)) for i, text in enumerate(LETTERS)])(new) == "ok"


def test_a_text_that_ends_with_a_word_that_ends_no_sentence_is_unfinished_though_real_ones_lack_a_mark():
    judged = letter_judge([text.rstrip(".") for text in LETTERS])
    assert judged("Nobody came to sign, so please come to the") == "valid.unfinished"
    assert judged("Nobody came to sign, so please come to us") == "ok"


def test_texts_cut_at_one_length_say_nothing_on_how_a_text_ends():
    judged = letter_judge([(text * 3)[: 150 + 7 * i % 60] for i, text in enumerate(LETTERS)])
    assert judged("Nobody came to sign, so please come to the") == "ok"


def test_two_words_are_no_text_where_many_are_wanted():
    long = [" ".join(f"{text} It is row {i}." for _ in range(6)) for i, text in enumerate(LETTERS)]
    assert letter_judge(long, words=120)("Very good.") == "valid.too_short"
    assert letter_judge(long, words=6)("Very good.") == "ok"
    assert letter_judge([*long[:190], *["Good parcel"] * 10], words=120)("Very good.") == "ok"


def test_signs_that_look_like_forms_are_none(judge):
    for text in (
        "It was dry [sic] as said [1], see <br/> below :} and I mean it :]",
        "Size XXL, room B12, an iPhone12, 1,200,000 drops of rain fell (really).",
        "We said [it was not me] that { it } was fun <3 and 2 < 3 > 1.",
    ):
        assert code(judge(text)) == "ok", text
