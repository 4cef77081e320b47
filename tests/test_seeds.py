"""Seeds: the same everywhere for one path of names, independent for any two."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from syngen.types import derive, generator

paths = st.lists(st.text() | st.integers(-(2**70), 2**70), max_size=4).map(tuple)
seeds = st.integers(0, 2**63 - 1)


def test_a_seed_never_changes_from_one_version_to_the_next() -> None:
    assert derive(7, "slot", 3) == derive(7, "slot", np.int64(3)) == 8_075_625_772_299_479_762


@given(seeds, paths)
def test_a_seed_is_between_zero_and_two_to_the_63(seed: int, path: tuple[str | int, ...]) -> None:
    assert 0 <= derive(seed, *path) < 2**63


@given(seeds, paths, seeds, paths)
def test_two_paths_give_two_seeds(
    seed: int, path: tuple[str | int, ...], other: int, second: tuple[str | int, ...]
) -> None:
    assert (derive(seed, *path) == derive(other, *second)) == ((seed, path) == (other, second))


def test_names_with_separators_do_not_run_together() -> None:
    assert len({derive(1, "a/b"), derive(1, "a", "b"), derive(1, "a, b"), derive(1, "1"), derive(1, 1)}) == 5


def test_half_a_surrogate_pair_is_a_name_like_any_other() -> None:
    assert derive(1, "\ud800") != derive(1, "\ud801")


def test_a_generator_repeats_itself_for_its_path_only() -> None:
    first, again, other = (generator(5, *path).random(8).tolist() for path in (("x", 1), ("x", 1), ("x", 2)))
    assert first == again != other
