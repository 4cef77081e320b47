"""What was written before is not new: by an accepted row, a shown one, or any real one."""

from __future__ import annotations

import polars as pl
import pytest
from by_hand import PROMPT, TEXTS, code, make_reference

from syngen.types import Candidate, Role
from syngen.validate import Validator
from syngen.validate.personal import pointers

FRESH = "My brother forgot the stakes, so we tied every corner to a rock and slept like bears."
OPENING = "the guide told us that on a clear day one can see all the way to the coast from here"


def test_a_text_is_taken_once(judge):
    assert code(judge(FRESH)) == "ok"
    assert code(judge(FRESH)) == "new.duplicate"
    assert code(judge(FRESH.upper().replace(",", " -"))) == "new.duplicate"


def test_a_longer_text_is_taken_once_whatever_its_title(judge):
    judge(FRESH, title="Stakes")
    assert code(judge(FRESH, title="Rocks")) == "new.near_duplicate"


def test_a_text_of_which_half_was_accepted_is_a_near_duplicate(judge):
    judge(FRESH)
    assert code(judge(FRESH.replace("slept like bears", "sang until dawn"))) == "new.near_duplicate"
    assert code(judge("We tied every corner to a rock; the night was calm and nobody sang or froze.")) == "ok"


def test_short_texts_may_repeat_under_another_title(judge):
    assert code(judge("Love it", title="Tent")) == "ok"
    assert code(judge("Love it!", title="Boots")) == "ok"
    assert code(judge("love it", title="tent")) == "new.duplicate"


def test_titles_may_repeat(judge):
    assert code(judge(FRESH, title="Perfect")) == "ok"
    assert (
        code(judge("Nothing about these boots was made for wet stone or loose gravel.", title="Perfect"))
        == "ok"
    )


@pytest.mark.parametrize(("shown", "reason"), [((), "copied_reference"), ((3,), "copied_reference"),
                                               ((3, 0), "copied_shown")])  # fmt: skip
def test_copies_of_real_rows_are_told_apart_by_whether_they_were_shown(judge, shown, reason):
    assert code(judge(TEXTS[0], title="Frost", shown=shown)) == f"new.{reason}"
    assert code(judge(TEXTS[0] + " Nice.", title="Cold", shown=shown)) == f"new.{reason}"


def test_twelve_words_in_a_row_from_a_real_text_are_a_copy(judge):
    copied = " ".join(TEXTS[1].split()[:12])
    own = "Bring tape and a second pair, because what the shop calls leather is something else entirely, and"
    assert code(judge(f"{own} {copied} at that.")) == "new.copied_reference"
    assert code(judge(f"{own} {copied} at that.", shown=(1,))) == "new.copied_shown"
    assert code(judge(f"{own} {' '.join(copied.split()[:10])}, I swear.")) == "ok"


def test_eight_words_in_a_row_from_a_shown_row_are_a_copy(judge):
    copied = " ".join(TEXTS[1].split()[:9])
    text = f"Bring tape and a second pair, because what the shop calls leather is thin, and {copied} already."
    assert code(judge(text, shown=(1,))) == "new.copied_shown"
    assert code(judge(text, shown=(2,))) == "ok"


def boilerplate(repeats: int):
    rows = [
        f"{OPENING} and number {i} was {w}" for i, w in enumerate(["bleak", "windy", "snowed in"][:repeats])
    ]
    rows += [
        f"Stop {i} had a hut with {i} beds, {i} blankets and a cat called {chr(65 + i)}." for i in range(9)
    ]
    return make_reference(pl.DataFrame({"text": rows}), {"text": Role.TEXT})


@pytest.mark.parametrize(("repeats", "expected"), [(1, "new.copied_reference"), (3, "ok")])
def test_a_phrase_that_three_real_texts_share_belongs_to_nobody(repeats, expected):
    acceptance = Validator(boilerplate(repeats))
    text = f"{OPENING} but all I saw was fog"
    assert code(acceptance.judge(Candidate(None, {"text": text}, ""), None, PROMPT)) == expected


def test_a_real_text_that_stands_in_the_table_three_times_is_still_no_phrase():
    frame = pl.DataFrame(
        {"title": ["a", "b", "c", "d"], "text": [*[FRESH] * 3, "Something else altogether."]}
    )
    acceptance = Validator(make_reference(frame, {"title": Role.TITLE, "text": Role.TEXT}))
    candidate = Candidate(None, {"title": "e", "text": FRESH}, "")
    assert code(acceptance.judge(candidate, None, PROMPT)) == "new.copied_reference"


def test_a_short_row_that_many_real_rows_share_comes_as_often_as_there():
    texts = ["Nice"] * 5 + [f"Hut {i} was full" for i in range(5)]
    acceptance = Validator(make_reference(pl.DataFrame({"text": texts}), {"text": Role.TEXT}))

    def judged(text):
        return code(acceptance.judge(Candidate(None, {"text": text}, ""), None, PROMPT))

    assert [judged("Nice"), judged("nice"), judged("Nice!")] == ["ok", "ok", "new.duplicate"]
    assert [judged(f"Lake {i} was cold") for i in range(8)] == ["ok"] * 8
    assert [judged("Nice") for _ in range(5)].count("ok") == 5
    assert judged("Hut 2 was full") == "new.copied_reference"


def test_a_remembered_row_counts_as_accepted(diary, judge):
    acceptance = Validator(diary)
    acceptance.remember({"kind": "tent", "title": "Stakes", "text": FRESH})
    candidate = Candidate(None, {"kind": "tent", "title": "Stakes", "text": FRESH}, "")
    assert code(acceptance.judge(candidate, None, PROMPT)) == "new.duplicate"
    assert code(judge(FRESH)) == "ok"


def test_texts_without_words_are_compared_as_they_are(judge):
    assert code(judge("👍", title="Up")) == "ok"
    assert code(judge("👎", title="Up")) == "ok"
    assert code(judge("👍", title="Up")) == "new.duplicate"


OWN = [
    ("jo.berg@hut.example", "JO.BERG@HUT.EXAMPLE!"),
    ("me...jo@hut.example", "jo@hut.example"),
    ("www.huts.example/jo", "https://huts.example/jo/"),
    ("@jo_berg", "(@jo_berg)"),
    ("+41 (79) 555-01-23", "079 555 01 23"),
    ("Tel.0795550123", "0795550123"),
    ("room 4 0795550123", "0795550123, thanks"),
    ("01 23 45 67 89", "0123456789"),
    ("电话13812345678请联系", "我的手机是 13812345678"),
    ("zq140xv7k", "ZQ140XV7K"),
    ("order AB123456", "ab123456"),
]


@pytest.mark.parametrize(("real", "made"), OWN)
@pytest.mark.parametrize(
    ("repeats", "expected"), [(1, "new.copied_identifier"), (2, "new.copied_identifier"), (3, "ok")]
)
def test_what_points_to_the_writer_of_a_real_text_does_not_come_out(real, made, repeats, expected):
    texts = [f"{text} Write to {real}." if i < repeats else text for i, text in enumerate(TEXTS)]
    frame = pl.DataFrame({"text": texts * 2})  # a row that stands there twice is one text
    acceptance = Validator(make_reference(frame, {"text": Role.TEXT}))
    candidate = Candidate(None, {"text": f"{FRESH} Ask {made}"}, "")
    assert code(acceptance.judge(candidate, None, PROMPT)) == expected


def test_nor_does_it_in_a_short_row_that_many_real_rows_share():
    texts = [*TEXTS, *["Mail jo@x.example"] * 3]
    acceptance = Validator(make_reference(pl.DataFrame({"text": texts}), {"text": Role.TEXT}))
    candidate = Candidate(None, {"text": "Mail jo@x.example"}, "")
    assert code(acceptance.judge(candidate, None, PROMPT)) == "new.copied_identifier"


NOBODY = [
    "5'4\", 120lbs, size 10-12, for $19.99", "in 2015, 3 of 10 at 7:30", "a 34ddd", "sizes 8 10 12 14",
    "on 2024-01-15 and 12/25/2023 or 1.5.24", "1995-2005, 20240115", "pi is 3.1415926", "an iPhone14, windows10",
    "at 1920x1080 with 10000mAh", "20somethings of 150pounds", "mp3player", "www. is short for it",
]  # fmt: skip


@pytest.mark.parametrize("text", NOBODY)
def test_sizes_prices_dates_and_amounts_point_to_nobody(text):
    assert pointers(text) == set()


@pytest.mark.parametrize("sign", ["-", ".", "1", "a", "a1", "1 ", "1-", "a.", "a@", "@", "1.", "x1@a."])
def test_a_long_run_of_anything_is_read_in_time_that_grows_with_its_length(sign):
    pointers(
        "1 " + sign * (300_000 // len(sign))
    )  # pytest's limit is the test: read in squares it takes hours
