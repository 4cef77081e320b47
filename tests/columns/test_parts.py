"""Within identifiers, words of few values stay and numbers keep to the range of their place."""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from syngen.columns.identifiers import mint
from syngen.columns.parts import parts_of
from syngen.columns.templates import learn_pattern
from syngen.reference.roles import read_role
from syngen.types import Role


def made_of(real: list[str], n: int = 60) -> list[str]:
    """New identifiers, a fixed seed; each is checked to be none of the real ones and to follow their form."""
    series = pl.Series("x", real)
    parts = parts_of(sorted(set(real)))
    donors = Random(2).choices(real, k=n)
    keys = list(zip(donors, range(n), strict=True))
    made = [str(m) for m in mint(keys, learn_pattern(series), set(real), np.random.default_rng(1), parts)]
    assert len(set(made)) == n
    assert not set(made) & set(real)
    assert parts is not None
    assert all(map(parts.fits, made))
    return made


def real_of(draw: Callable[[Random], str], rows: int = 300) -> list[str]:
    rng = Random(5)
    return [draw(rng) for _ in range(rows)]


def numbers(text: str) -> list[int]:
    return [int(n) for n in re.findall(r"[0-9]+", text)]


@pytest.mark.parametrize(
    ("draw", "pattern"),
    [
        (
            lambda r: f"{r.choice(['image', 'text', 'video'])}/x.{r.randrange(10**6)}",
            r"(image|text|video)/x\.\d+",
        ),
        (
            lambda r: f"{r.choice(['LMP', 'KTL'])}-{r.choice(['RED', 'BLU'])}-{r.randrange(1000):03}",
            r"(LMP|KTL)-(RED|BLU)-\d{3}",
        ),
        (lambda r: f"scan_{r.randrange(9000)}{r.choice(['.png', '.jpeg'])}", r"scan_\d+\.(png|jpeg)"),
        (lambda r: f"N{r.randrange(1, 400)}A{r.choice([1, 2])}", r"N\d+A[12]"),
    ],
)
def test_words_and_numbers_of_few_values_stay(draw: Callable[[Random], str], pattern: str) -> None:
    assert all(re.fullmatch(pattern, made) for made in made_of(real_of(draw)))


def test_a_word_of_one_identifier_does_not_come_out() -> None:
    rng = Random(3)
    own = ["".join(rng.choices("abcdefghijklmnopqrstuvwxyz", k=7)) for _ in range(200)]
    made = made_of([f"srv.{word}.{rng.choice(['org', 'net'])}" for word in own])
    assert not {name.split(".")[1] for name in made} & set(own)
    assert all(re.fullmatch(r"srv\.[a-z]{7}\.(org|net)", name) for name in made)


@pytest.mark.parametrize(
    ("draw", "most"),
    [
        (lambda r: f"{r.randrange(95, 180)}/{r.randrange(55, 110)}", (179, 109)),
        (lambda r: f"10.{r.randrange(256)}.{r.randrange(256)}.{r.randrange(1, 255)}", (10, 255, 255, 254)),
        (lambda r: f"{r.randrange(47, 55)}°{r.randrange(60):02}'{r.randrange(60):02}\"N", (54, 59, 59)),
        (lambda r: f"{r.randrange(6)}:{r.randrange(60):02}:{r.randrange(60):02}", (5, 59, 59)),
        (lambda r: f"{r.randrange(1, 29)}/{r.randrange(1, 13)}/{r.randrange(2560, 2567)}", (28, 12, 2566)),
    ],
)
def test_numbers_keep_to_the_range_of_their_place(
    draw: Callable[[Random], str], most: tuple[int, ...]
) -> None:
    for made in made_of(real_of(draw)):
        assert all(n <= high for n, high in zip(numbers(made), most, strict=True)), made


@pytest.mark.parametrize("mark", ["-", "–", " to "])
def test_a_range_never_ends_before_it_begins(mark: str) -> None:
    def years(rng: Random) -> str:
        first = rng.randrange(1700, 1900)
        return f"{first}{mark}{first + rng.randrange(1, 50)}"

    assert all(first < last for first, last in map(numbers, made_of(real_of(years))))


def test_decimals_are_one_number_with_the_part_before_them() -> None:
    def interval(rng: Random) -> str:
        middle = rng.uniform(0.5, 9)
        return f"{middle:.2f} ({middle - 0.2:.2f}–{middle + 0.3:.2f})"

    for made in made_of(real_of(interval)):
        middle, low, high = map(float, re.findall(r"\d+\.\d\d", made))
        assert low < middle < high


def test_a_running_number_is_continued_and_keeps_its_zeros() -> None:
    made = made_of([f"RE-2024-{i:04}" for i in range(1, 301)])
    assert all(300 < int(key.removeprefix("RE-2024-")) < 1100 and len(key) == 12 for key in made)


@pytest.mark.parametrize(
    "draw",
    [
        lambda r: "".join(r.choices("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", k=10)),
        lambda r: "".join(r.choices("0123456789abcdef", k=12)),
    ],
)
def test_a_random_code_has_no_parts(draw: Callable[[Random], str]) -> None:
    assert parts_of(real_of(draw)) is None


@pytest.mark.parametrize(
    "draw",
    [
        lambda r: f"{r.randrange(10, 200)} x {r.randrange(10, 200)} cm",
        lambda r: f"{r.uniform(1, 20):.1f} ± {r.uniform(0.1, 2):.1f}",
        lambda r: f"{r.randrange(1, 300)} ({r.uniform(1, 99):.1f}%)",
        lambda r: ", ".join(str(r.randrange(1, 50)) for _ in range(r.randrange(1, 7))),
        lambda r: f"{r.choice(['c. ', ''])}{r.randrange(1400, 1990)}",
        lambda r: f"令和{r.randrange(1, 6)}年{r.randrange(1, 13)}月{r.randrange(1, 29)}日",
        lambda r: f"{r.choice('BMK')}-{r.choice('ABCDEFG')}{r.choice('XYZ')} {r.randrange(1, 9999)}",
    ],
)
def test_numbers_between_the_same_signs_need_no_model(draw: Callable[[Random], str]) -> None:
    assert read_role(pl.Series("x", real_of(draw))).role is Role.IDENTIFIER


@pytest.mark.parametrize(
    "text", ["Entry {} is fine.", "Episode {}", "The lamp of room {} broke again, for the {} time."]
)
def test_words_with_a_number_remain_words(text: str) -> None:
    real = [text.format(i, i % 7) for i in range(80)]
    assert read_role(pl.Series("x", real)).role in (Role.TEXT, Role.TITLE)


@given(st.lists(st.text("abX7-_.0 é", min_size=1, max_size=8), min_size=1, max_size=40, unique=True))
def test_any_identifiers_get_new_ones_that_keep_their_form(real: list[str]) -> None:
    parts = parts_of(real)
    if parts is None:
        return
    for key in real:
        assert parts.fits(key)
        assert parts.fits(parts.renew(key, "", Random(1)))


@pytest.mark.parametrize("text", ["X321", "H32", "H32100", "H-321", "321"])
def test_a_text_of_another_form_does_not_fit(text: str) -> None:
    parts = parts_of([f"H{i}" for i in range(200, 240)])
    assert parts is not None
    assert parts.fits("H321")
    assert not parts.fits(text)
