"""The grid that numbers lie on: prices ending in .99, salaries in thousands, weights in quarters.

A number is on the grid of step 10^k when many different numbers share its last k digits, more than chance
would have it; or when all steps between numbers are multiples of one, as of 60 among times. New numbers keep the last digits of the real one they are drawn from, or are whole steps away from it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

EXACT = 2**53  # whole numbers below this are themselves as floats
_NOISE = 2  # last digits of a float by which it may differ from a short number
_FEWEST = 10  # different numbers, to see a grid
_MORE = 1.5  # times as many as by chance,
_SIGMA = 4.0  # and this many standard deviations more
_BY_CHANCE = -4.0  # power of ten of the chance that random steps have a common divisor
_MOST_DECIMALS = 9
ALL_DECIMALS = 17  # of a number with all the digits that a float can hold
_RARE = 0.02  # share of numbers with fewer decimals that is too small to be meant

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


class Grid(NamedTuple):
    """Where each of some numbers may move to: by multiples of its step; shape (numbers,) each."""

    steps: Floats  # 0 where a number is on no grid but that of its decimals
    decimals: Ints  # digits after the decimal point


def decimals_of_floats(numbers: Floats) -> Ints:
    """Digits after the point in the shortest text of each number, at most `ALL_DECIMALS`; shape (numbers,)."""
    decimals = np.full(len(numbers), ALL_DECIMALS)
    waiting = np.flatnonzero(np.isfinite(numbers))
    decimals[~np.isfinite(numbers)] = 0
    for places in range(ALL_DECIMALS):
        with np.errstate(over="ignore", invalid="ignore"):
            noise = _NOISE * np.spacing(np.abs(numbers[waiting]))  # as of 0.1 + 0.2
            whole = np.abs(np.round(numbers[waiting], places) - numbers[waiting]) <= noise
        decimals[waiting[whole]] = places
        waiting = waiting[~whole]
    return decimals


def grid_of(numbers: Floats, decimals: Ints) -> Grid:
    """Find the grid of each number of a column.

    Args:
        numbers: All real numbers, shape (rows,); NaN where there is none.
        decimals: Their digits after the point as written, shape (rows,).
    """
    steps = np.zeros(len(numbers))
    known = ~np.isnan(numbers)
    if not known.any():
        return Grid(steps, decimals)
    decimals = _without_chance(decimals, known)
    places = min(int(np.quantile(decimals[known], 0.99, method="higher")), _MOST_DECIMALS)
    if np.abs(numbers[known]).max() >= EXACT / 10.0**places:
        return Grid(steps, decimals)
    scaled = np.rint(np.abs(np.where(known, numbers, 0.0)) * 10.0**places)
    fitting = known & (decimals <= places)
    distinct, at = np.unique(scaled[fitting].astype(np.int64), return_inverse=True)
    if len(distinct) < _FEWEST:
        return Grid(steps, decimals)
    levels, divisor = _levels(distinct)[at], _divisor(distinct)
    units = np.lcm(10**levels, divisor)
    steps[fitting] = np.where(units > 1, units / 10.0**places, 0.0)
    return Grid(steps, decimals)


def _without_chance(decimals: Ints, known: npt.NDArray[np.bool_]) -> Ints:
    """Decimals where a number that ends in zeros by chance, as one of ten does, has those of most others."""
    counts = np.bincount(decimals[known])
    most, total = int(counts.argmax()), int(counts.sum())
    by_chance = np.array([0.9 * 10.0 ** (places - most) * total for places in range(most)])
    meant = counts[:most] >= np.maximum(
        _MORE * by_chance + _SIGMA * np.sqrt(by_chance), max(3, _RARE * total)
    )
    kept = np.append(meant, True)[np.minimum(decimals, most)]
    return np.where(kept, decimals, most)


def _divisor(distinct: Ints) -> int:
    """What all steps between some different whole numbers are multiples of: 900 for quarters of hours; else 1."""
    divisor = int(np.gcd.reduce(np.diff(distinct)))
    by_chance = -(len(distinct) - 2) * np.log10(divisor)
    return divisor if divisor > 1 and by_chance < _BY_CHANCE else 1


def _levels(distinct: Ints) -> Ints:
    """How many last digits each of some different whole numbers shares with more others than by chance."""
    levels = np.zeros(len(distinct), np.int64)
    on = np.ones(len(distinct), np.bool_)  # whether a number is on the grid of the level below
    unit = 1
    while unit * 10 <= int(distinct[-1]) and on.any():
        _, parent, parents = np.unique(distinct % unit, return_inverse=True, return_counts=True)
        unit *= 10
        _, child, children = np.unique(distinct % unit, return_inverse=True, return_counts=True)
        chance = parents[parent] / 10
        on &= children[child] >= np.maximum(_MORE * chance, chance + _SIGMA * np.sqrt(chance))
        levels[on] += 1
    return levels
