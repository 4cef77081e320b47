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
