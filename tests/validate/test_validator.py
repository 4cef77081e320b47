"""A row that is taken is whole; in native mode every cell is judged and nothing is filled in."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest
from by_hand import PROMPT, code, make_reference
from hypothesis import given, settings
from hypothesis import strategies as st

from syngen.columns import holds
from syngen.types import (
    Candidate,
    Derivation,
    IdentifierPattern,
    Rejected,
    Role,
    Slot,
    TextTarget,
    TimeFormat,
)
from syngen.validate import Validator

ROWS = 24
DAYS = [date(2021, 3, 1) + timedelta(days=7 * i) for i in range(ROWS)]
NOTES = [
    f"Camp {i} lay {i + 3} hours above the road, by a spring with {i} stones around it." for i in range(ROWS)
]
DIGITS = "0123456789"
PATTERN = IdentifierPattern("template", (("H", *[DIGITS] * 3),), 0, 0, "H[0-9]{3}", (1, 0, 0, 0))
KEYS = IdentifierPattern("integer", (), 100, 123, "integer 100..123", (1, 0, 0, 0))
EPOCH = TimeFormat("epoch", unit="ms", step=86400)
WRITTEN_DAY = TimeFormat("string", format="%d.%m.%Y", step=86400)

FRAME = pl.DataFrame(
    {
        "rating": [1 + i % 5 for i in range(ROWS)],
        "weather": [("sun", "rain", None)[i % 3] for i in range(ROWS)],
        "log": NOTES,
        "log_words": [17] * ROWS,
        "log_size": [len(n) for n in NOTES],
        "log_again": NOTES,
        "nights": [i % 4 for i in range(ROWS)],
        "price": [10.5 + i for i in range(ROWS)],
        "hut": [f"H{i:03d}" for i in range(ROWS - 1)] + ["H1000"],
        "number": list(range(100, 100 + ROWS)),
        "guided": [i % 2 == 0 for i in range(ROWS)],
        "stamp": [(d - date(1970, 1, 1)).days * 86_400_000 for d in DAYS],
        "day": [d.strftime("%d.%m.%Y") for d in DAYS],
        "begun": DAYS,
        "club": ["Alpine"] * ROWS,
        "remark": pl.Series([None] * ROWS, dtype=pl.String),
    }
)
ROLES = {
    "rating": Role.ORDINAL,
    "weather": Role.CATEGORY,
    "log": Role.TEXT,
    "log_words": Role.DERIVED,
    "log_size": Role.DERIVED,
    "log_again": Role.DERIVED,
    "nights": Role.COUNT,
    "price": Role.NUMBER,
    "hut": Role.IDENTIFIER,
    "number": Role.IDENTIFIER,
    "guided": Role.BOOLEAN,
    "stamp": Role.DATETIME,
    "day": Role.DERIVED,
    "begun": Role.DATETIME,
    "club": Role.CONSTANT,
    "remark": Role.EMPTY,
}
MORE = {
    "log_words": {"derived": Derivation("log", "words")},
    "log_size": {"derived": Derivation("log", "characters")},
    "log_again": {"derived": Derivation("log", "equal")},
    "hut": {"identifier": PATTERN},
    "number": {"identifier": KEYS},
    "stamp": {"time": EPOCH},
    "day": {"derived": Derivation("stamp", "time", WRITTEN_DAY)},
    "begun": {"time": TimeFormat("native", step=86400)},
}
LOGBOOK = make_reference(FRAME, ROLES, **MORE)
GOOD = {
    "rating": 4,
    "weather": "rain",
    "log": "Fog came down so fast that we spent the night under an overhang.",
    "log_words": 13,
    "log_size": 64,
    "log_again": "Fog came down so fast that we spent the night under an overhang.",
    "nights": 2,
    "price": 14.25,
    "hut": "H321",
    "number": 125,
    "guided": False,
    "stamp": 1_617_235_200_000,
    "day": "01.04.2021",
    "begun": date(2021, 4, 1),
    "club": "Alpine",
    "remark": None,
}


def judge_native(values) -> dict | Rejected:
    return Validator(LOGBOOK, native=True).judge(Candidate(None, values, "raw"), None, PROMPT)


def test_a_planned_row_is_completed_from_its_slot_and_its_texts():
    owned = {k: v for k, v in GOOD.items() if not k.startswith("log")}
    slot = Slot(5, owned, {"log": TextTarget(13)}, 1, 0, 0, 0)
    candidate = Candidate(5, {"log": f"  {GOOD['log']}\n"}, "raw")
    row = Validator(LOGBOOK).judge(candidate, slot, PROMPT)
    assert row == GOOD
    assert list(row) == FRAME.columns


def test_what_derives_from_an_absent_text_is_absent_or_zero():
    owned = {k: v for k, v in GOOD.items() if not k.startswith("log")}
    slot = Slot(5, owned | {"log": None}, {}, 1, 0, 0, 0)
    row = Validator(LOGBOOK).judge(Candidate(5, {}, ""), slot, PROMPT)
    assert [row[name] for name in ("log", "log_words", "log_size", "log_again")] == [None, 0, 0, None]


def test_a_planned_row_without_its_text_lacks_a_column():
    slot = Slot(5, {k: v for k, v in GOOD.items() if k != "log"}, {"log": TextTarget(13)}, 1, 0, 0, 0)
    assert code(Validator(LOGBOOK).judge(Candidate(5, {}, ""), slot, PROMPT)) == "valid.missing_column"


def test_a_sound_native_row_is_taken_in_the_references_order():
    row = judge_native(dict(reversed(GOOD.items())))
    assert row == GOOD
    assert list(row) == FRAME.columns


@pytest.mark.parametrize("column", GOOD)
def test_a_native_row_without_a_column_is_rejected_whatever_column_it_is(column):
    assert code(judge_native({k: v for k, v in GOOD.items() if k != column})) == "valid.missing_column"


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("rating", 10, "out_of_range"),
        ("rating", 4.7, "out_of_range"),
        ("rating", "great", "wrong_type"),
        ("rating", True, "wrong_type"),
        ("rating", None, "missing_value"),
        ("weather", "Rain", "unknown_value"),
        ("weather", "hail", "unknown_value"),
        ("log", None, "empty_text"),
        ("log", "As an AI, I do not hike.", "assistant_talk"),
        ("log_words", "many", "wrong_type"),
        ("nights", -1, "out_of_range"),
        ("nights", 400, "out_of_range"),
        ("nights", 1.5, "wrong_type"),
        ("price", 900.0, "out_of_range"),
        ("price", -2.0, "out_of_range"),
        ("price", float("nan"), "wrong_type"),
        ("price", "cheap", "wrong_type"),
        ("hut", "X321", "bad_pattern"),
        ("hut", "H32", "bad_pattern"),
        ("hut", "H-1000", "bad_pattern"),
        ("hut", 321, "wrong_type"),
        ("number", 90_000_000, "out_of_range"),
        ("number", "A7", "wrong_type"),
        ("guided", "maybe", "wrong_type"),
        ("stamp", 1_617_235_200, "out_of_range"),
        ("stamp", "yesterday", "wrong_type"),
        ("day", "2021-04-01", "wrong_type"),
        ("day", "01.04.2031", "out_of_range"),
        ("begun", "2021-04-01", "wrong_type"),
        ("begun", date(1999, 1, 1), "out_of_range"),
        ("club", "Sailing", "unknown_value"),
        ("remark", "none", "unknown_value"),
    ],
)
def test_each_bad_cell_of_a_native_row_has_its_reason(column, value, reason):
    rejected = judge_native(GOOD | {column: value})
    assert code(rejected) == f"valid.{reason}"
    assert repr(column) in rejected.detail


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("weather", None),
        ("nights", 9),
        ("price", 36.0),
        ("price", 12),
        ("hut", "H9999"),
        ("number", 126),
        ("stamp", 1_614_470_400_000),
        ("log_words", 12),
        ("day", "02.04.2021"),
    ],
)
def test_cells_a_little_beyond_the_real_ones_and_derived_ones_that_disagree_are_taken(column, value):
    assert judge_native(GOOD | {column: value}) == GOOD | {column: value}


def test_a_category_with_more_labels_than_are_known_takes_any():
    frame = pl.DataFrame({"place": [f"Place {i}" for i in range(80)], "log": [f"Log {i}" for i in range(80)]})
    acceptance = Validator(make_reference(frame, {"place": Role.CATEGORY, "log": Role.TEXT}), native=True)
    row = {"place": "Nowhere", "log": "Nothing to report today"}
    assert acceptance.judge(Candidate(None, row, ""), None, PROMPT) == row
    assert code(acceptance.judge(Candidate(None, row | {"place": 4}, ""), None, PROMPT)) != "ok"


def test_a_native_title_may_be_empty_where_real_ones_are(diary):
    acceptance = Validator(diary, native=True)
    row = {"kind": "tent", "title": None, "text": "Slept badly but dry, with half the tent for a bag."}
    assert acceptance.judge(Candidate(None, row, ""), None, PROMPT) == row


@pytest.mark.parametrize(("column", "real"), [("hut", "H007"), ("hut", "H1000"), ("number", 117)])
def test_a_native_row_may_not_carry_the_identifier_of_a_real_one(column, real):
    rejected = judge_native(GOOD | {column: real})
    assert code(rejected) == "new.copied_identifier"
    assert repr(column) in rejected.detail


NOON = datetime(2023, 5, 4, 12)  # noqa: DTZ001 - a column without a zone holds such
HELD = {
    "Boolean": (pl.Boolean(), [True], [1, "true"]),
    "Int64": (pl.Int64(), [3, -(2**63), 2**63 - 1], ["n.n.", 3.0, 0.5, True, 2**63, NOON]),
    "Float64": (pl.Float64(), [0.5, 3, 1e300], ["3", math.nan, math.inf, True, 10**400]),
    "String": (pl.String(), ["", "7"], [7, NOON, False]),
    "Date": (pl.Date(), [NOON.date(), "2023-05-04"], [NOON, "2023-05-04T12:00:00", "May", 19_481]),
    "Datetime": (
        pl.Datetime("us"),
        [NOON, "2023-05-04T12:00:00"],
        [NOON.replace(tzinfo=UTC), "2023-05-04T12:00:00Z", NOON.date(), "noon", 1_683_201_600],
    ),
    "Datetime with a zone": (
        pl.Datetime("ms", "Europe/Berlin"),
        [NOON.replace(tzinfo=UTC), "2023-05-04T12:00:00+02:00"],
        [NOON, "2023-05-04T12:00:00", NOON.date()],
    ),
}


@pytest.mark.parametrize(("dtype", "held", "refused"), HELD.values(), ids=HELD)
def test_a_column_holds_the_values_of_its_type_and_no_others(dtype, held, refused):
    assert holds(dtype, None)
    assert [value for value in held if not holds(dtype, value)] == []
    assert [value for value in refused if holds(dtype, value)] == []


def judge_one_more(cells: pl.Series, value, role, **profile) -> dict | Rejected:
    """Judge a native row of a table with a text and one column more."""
    frame = pl.DataFrame({"log": NOTES, "more": cells})
    reference = make_reference(frame, {"log": Role.TEXT, "more": role}, more=profile)
    row = {"log": GOOD["log"], "more": value}
    return Validator(reference, native=True).judge(Candidate(None, row, ""), None, PROMPT)


def test_a_label_of_another_type_is_no_label_of_a_column_of_numbers():
    codes = pl.Series([4_000 + i for i in range(ROWS)])
    seen = {"values": ((4_000, 1),)}  # not all labels are known, so any may come
    assert code(judge_one_more(codes, "n.n.", Role.CATEGORY, **seen)) == "valid.wrong_type"


def test_half_a_second_is_no_epoch_of_whole_ones():
    stamps = pl.Series([1_700_000_000 + 3600 * i for i in range(ROWS)])
    seconds = {"time": TimeFormat("epoch", unit="s")}
    assert code(judge_one_more(stamps, 1_700_000_001, Role.DATETIME, **seconds)) == "ok"
    assert code(judge_one_more(stamps, 1_700_000_000.5, Role.DATETIME, **seconds)) == "valid.wrong_type"
    assert code(judge_one_more(stamps, "1700000000.5", Role.DATETIME, **seconds)) == "valid.wrong_type"


@pytest.mark.parametrize("zone", [None, "UTC"])
def test_a_point_in_time_has_a_zone_exactly_where_its_column_has_one(zone):
    times = pl.Series([NOON + timedelta(hours=i) for i in range(ROWS)]).dt.replace_time_zone(zone)
    native = {"time": TimeFormat("native")}
    known, other = (UTC, None) if zone else (None, UTC)
    assert code(judge_one_more(times, NOON.replace(tzinfo=known), Role.DATETIME, **native)) == "ok"
    judged = judge_one_more(times, NOON.replace(tzinfo=other), Role.DATETIME, **native)
    assert code(judged) == "valid.wrong_type"


def test_a_planned_value_that_its_column_can_not_hold_is_not_taken_either():
    owned = {k: v for k, v in GOOD.items() if not k.startswith("log")} | {"nights": 2.5}
    slot = Slot(5, owned, {"log": TextTarget(13)}, 1, 0, 0, 0)
    judged = Validator(LOGBOOK).judge(Candidate(5, {"log": GOOD["log"]}, ""), slot, PROMPT)
    assert code(judged) == "valid.wrong_type"


CELLS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12) | st.dates()


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(FRAME.columns), CELLS), st.booleans())
def test_any_cells_give_a_whole_row_or_a_reject(changes, whole):
    acceptance = JUDGES[whole]
    judged = acceptance.judge(Candidate(None, (GOOD if whole else {}) | changes, ""), None, PROMPT)
    if isinstance(judged, Rejected):
        assert judged.stage in {"valid", "new"}
    else:
        assert list(judged) == FRAME.columns
        assert all(holds(dtype, judged[name]) for name, dtype in FRAME.schema.items())


JUDGES = [Validator(LOGBOOK, native=True) for _ in range(2)]
