"""Times keep range, weekday and hour; none is a real one; what follows from them follows in every row."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest
from builders import by_hand

from syngen import load
from syngen.columns.times import to_seconds
from syngen.plan import make_plan
from syngen.types import Derivation, Reference, Role, TimeFormat

EPOCH_MS = TimeFormat("epoch", unit="ms", step=0.001)
DAY = TimeFormat("string", format="%Y-%m-%d", step=86400)
CLOCK = TimeFormat("string", format="%H:%M:%S", step=1)
ROWS = 1_000
START = datetime(2019, 3, 4, tzinfo=UTC)  # a Monday


def of(columns: dict[str, Any]) -> Reference:
    rows = len(next(iter(columns.values()))[1])
    return by_hand({**columns, "note": (Role.TEXT, [f"Left at the gate, parcel {i}." for i in range(rows)])})


def stamps() -> list[int]:
    """Milliseconds on workdays of two years, mostly in the evening."""
    rng = np.random.default_rng(8)
    days = rng.integers(0, 104, ROWS) * 7 + rng.integers(0, 5, ROWS)
    hours = rng.choice([7, 12, 19, 20, 21], ROWS)
    inside = rng.integers(0, 3_600_000, ROWS)
    return [
        int((START + timedelta(days=int(d), hours=int(h), milliseconds=int(i))).timestamp() * 1000)
        for d, h, i in zip(days, hours, inside, strict=True)
    ]


@pytest.fixture(scope="module")
def parcels() -> Reference:
    real = stamps()
    moments = pl.Series(real).cast(pl.Datetime("ms"))
    days = moments.dt.to_string("%Y-%m-%d")
    return of(
        {
            "stamp": (Role.DATETIME, [None if i % 10 == 0 else s for i, s in enumerate(real)], {"time": EPOCH_MS}),
            "day": (Role.DERIVED, days, {"derived": Derivation("stamp", "time", DAY)}),
            "same": (Role.DERIVED, days, {"derived": Derivation("day", "equal")}),
            "month": (
                Role.DERIVED,
                moments.dt.to_string("%Y-%m"),
                {"derived": Derivation("same", "time", TimeFormat("string", format="%Y-%m"))},
            ),
            "clock": (
                Role.DERIVED,
                moments.dt.to_string("%H:%M:%S"),
                {"derived": Derivation("stamp", "time", CLOCK)},
            ),
        }
    )  # fmt: skip


@pytest.fixture(scope="module")
def planned(parcels: Reference) -> pl.DataFrame:
    return make_plan(parcels, 3 * ROWS, seed=3).values()


def test_times_stay_in_the_real_range(parcels: Reference, planned: pl.DataFrame) -> None:
    real = parcels.frame["stamp"]
    assert real.min() <= planned["stamp"].min()
    assert planned["stamp"].max() <= real.max()


def test_no_real_millisecond_comes_out(parcels: Reference, planned: pl.DataFrame) -> None:
    assert not set(planned["stamp"].drop_nulls()) & set(parcels.frame["stamp"])


def test_no_real_millisecond_comes_out_of_a_crowded_hour() -> None:
    real = [1_600_000_000_000 + 10 * i for i in range(400)]
    made = make_plan(of({"stamp": (Role.DATETIME, real, {"time": EPOCH_MS})}), 2_000).values()["stamp"]
    assert not set(made) & set(real)


@pytest.mark.parametrize("part", ["%u", "%H"])
def test_weekdays_and_hours_keep_their_shares(parcels: Reference, planned: pl.DataFrame, part: str) -> None:
    there, here = (
        f["stamp"].drop_nulls().cast(pl.Datetime("ms")).dt.to_string(part).alias("part").value_counts()
        for f in (parcels.frame, planned)
    )
    assert dict(here.rows()) == {value: 3 * count for value, count in there.rows()}


def test_seasons_keep_their_shares(parcels: Reference, planned: pl.DataFrame) -> None:
    quarters = (
        f["stamp"].drop_nulls().cast(pl.Datetime("ms")).dt.truncate("1q").value_counts(sort=False)
        for f in (parcels.frame, planned)
    )
    there, here = (dict(q.rows()) for q in quarters)
    assert all(here[q] == pytest.approx(3 * count, rel=0.25) for q, count in there.items() if count > 30)


def test_missing_times_stay_missing_with_all_that_follows(planned: pl.DataFrame) -> None:
    missing = planned["stamp"].is_null()
    assert missing.sum() == 3 * ROWS // 10
    assert all(planned[name].is_null().equals(missing.alias(name)) for name in planned.columns)


def test_derived_columns_follow_in_every_row(planned: pl.DataFrame) -> None:
    known = planned.drop_nulls("stamp")
    moments = known["stamp"].cast(pl.Datetime("ms"))
    assert known["day"].equals(moments.dt.to_string("%Y-%m-%d").alias("day"))
    assert known["clock"].equals(moments.dt.to_string("%H:%M:%S").alias("clock"))
    assert known["same"].equals(known["day"].alias("same"))
    assert known["month"].equals(known["day"].str.head(7).alias("month"))


def test_a_derived_column_with_gaps_of_its_own_keeps_them() -> None:
    real = stamps()
    days = pl.Series(real).cast(pl.Datetime("ms")).dt.to_string("%Y-%m-%d").to_list()
    days[::4] = [None] * (ROWS // 4)
    table = of(
        {
            "stamp": (Role.DATETIME, real, {"time": EPOCH_MS}),
            "day": (Role.DERIVED, days, {"derived": Derivation("stamp", "time", DAY)}),
        }
    )
    assert make_plan(table, 2 * ROWS).values()["day"].null_count() == 2 * ROWS // 4


def test_what_came_later_still_comes_later() -> None:
    sent = np.array(stamps())
    waits = np.random.default_rng(1).integers(60_000, 20 * 86_400_000, ROWS)
    waits[::2] = 90_000  # a minute and a half
    table = of(
        {
            "came": (Role.DATETIME, (sent + waits).tolist(), {"time": EPOCH_MS}),
            "sent": (Role.DATETIME, sent.tolist(), {"time": EPOCH_MS}),
        }
    )
    plan = make_plan(table, ROWS).values()
    assert (plan["came"] > plan["sent"]).mean() > 0.98
    assert ((plan["came"] - plan["sent"]) == 90_000).sum() > 0.4 * ROWS


@pytest.mark.parametrize(
    ("values", "fmt"),
    [
        ([date(2020, 1, 1) + timedelta(days=3 * i) for i in range(80)], TimeFormat("native", step=86400)),
        ([START.replace(tzinfo=None) + timedelta(hours=7 * i, minutes=i) for i in range(80)],
         TimeFormat("native", step=60)),
        ([f"{i % 24:02}:{i * 7 % 60:02}" for i in range(80)], TimeFormat("string", format="%H:%M", step=60)),
        ([1_600_000_000 + i for i in range(80)], TimeFormat("epoch", unit="s", step=1)),
        ([f"{1 + i % 28:02}/{1 + i % 12:02}/2022" for i in range(80)],
         TimeFormat("string", format="%d/%m/%Y", step=86400)),
        ([str(2000 + i % 20) for i in range(80)], TimeFormat("string", format="%Y", step=86400)),
    ],
    ids=["dates", "date-times", "clock times", "every second of a minute", "day first", "years"],
)  # fmt: skip
def test_every_form_of_time_keeps_its_form_type_and_range(values: list[Any], fmt: TimeFormat) -> None:
    table = of({"when": (Role.DATETIME, values, {"time": fmt})})
    made = make_plan(table, 200).values()["when"]
    real = table.frame["when"]
    assert made.dtype == real.dtype
    assert made.null_count() == 0
    before, after = to_seconds(real, fmt), to_seconds(made, fmt)
    assert before.min() <= after.min()
    assert after.max() <= before.max()


def test_times_in_a_zone_keep_it() -> None:
    zoned = pl.Series(stamps()).cast(pl.Datetime("ms")).dt.replace_time_zone("Asia/Tokyo")
    made = make_plan(of({"when": (Role.DATETIME, zoned, {"time": TimeFormat("native", step=0.001)})}), 50)
    assert made.values()["when"].dtype == zoned.dtype
    assert set(made.values()["when"].dt.hour()) <= {7, 12, 19, 20, 21}


def test_first_days_of_months_stay_first_days() -> None:
    months = [f"{2018 + i // 12}-{1 + i % 12:02d}-01" for i in range(60)] * 2
    made = dates(months)
    assert made.str.ends_with("-01").all()
    assert np.mean([new != real for new, real in zip(sorted(made), sorted(months), strict=True)]) > 0.2


def test_last_days_of_months_stay_last_days() -> None:
    ends = [
        str(pl.date_range(pl.date(2018, 1, 1), pl.date(2022, 12, 31), "1mo", eager=True).dt.month_end()[i])
        for i in range(60)
    ]
    made = dates(ends * 2).str.to_date()
    assert (made.dt.month_end() == made).all()


def test_each_date_is_written_like_its_donor() -> None:
    days = pl.date_range(pl.date(2021, 1, 1), pl.date(2021, 12, 26), "3d", eager=True)
    cells = [day.strftime("%d/%m/%Y" if i % 4 else "%Y-%m-%d") for i, day in enumerate(days)]
    made = dates(cells)
    assert made.str.contains("^2021-").mean() == pytest.approx(0.25, abs=0.02)
    assert made.str.contains(r"^\d\d/\d\d/2021$|^2021-\d\d-\d\d$").all()


def test_time_zones_keep_their_shares() -> None:
    days = pl.datetime_range(pl.datetime(2021, 1, 1), pl.datetime(2021, 4, 1), "20h", eager=True)
    cells = [f"{day:%Y-%m-%dT%H:%M:%S}{'+05:30' if i % 3 else 'Z'}" for i, day in enumerate(days)]
    made = dates(cells)
    assert made.str.contains(r"Z$").mean() == pytest.approx(1 / 3, abs=0.02)
    assert made.str.contains(r"(?:Z|\+05:30)$").all()


def test_one_odd_date_does_not_make_the_others_identifiers() -> None:
    days = pl.date_range(pl.date(2021, 1, 1), pl.date(2021, 12, 26), "3d", eager=True)
    made = dates([*map(str, days), "20.l3.2021?"])
    assert made.str.contains(r"^2021-\d\d-\d\d$").all()


def test_days_of_events_stay_the_days_they_were() -> None:
    made = dates([("2017-05-13", "2018-05-12", "2019-05-11")[i % 3] for i in range(90)])
    assert set(made) == {"2017-05-13", "2018-05-12", "2019-05-11"}


def test_a_day_without_a_time_gets_none() -> None:
    days = pl.date_range(pl.date(2021, 1, 1), pl.date(2021, 12, 26), "3d", eager=True)
    cells = [f"{day} 00:00:00" if i % 3 else f"{day} 10:{i % 60:02d}:2{i % 10}" for i, day in enumerate(days)]
    assert dates(cells).str.ends_with(" 00:00:00").mean() == pytest.approx(2 / 3, abs=0.05)


def test_times_of_day_are_times_of_day() -> None:
    made = dates([f"{i % 24:02d}:{i * 7 % 60:02d}" for i in range(120)])
    assert made.str.contains(r"^(?:[01]\d|2[0-3]):[0-5]\d$").all()


def dates(cells: list[str]) -> pl.Series:
    """The dates of a plan as long as these real ones."""
    texts = [f"The parcel came on day {i} and all of it was as described." for i in range(len(cells))]
    reference = load(pl.DataFrame({"posted": cells, "review": texts}))
    return make_plan(reference, len(cells), seed=1).values()["posted"]
