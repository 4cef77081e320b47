"""Near copies of earlier texts are those found by comparing all with all."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from syngen.text.ngrams import NgramCounts, tokenised
from syngen.text.overlap import nearest_earlier

WORDS = "one two three four five six seven eight nine ten eleven twelve thirteen".split()
TEXTS = st.lists(st.lists(st.sampled_from(WORDS[:3]), max_size=30).map(" ".join), max_size=6)


def fives(text: str) -> set[tuple[str, ...]]:
    words = text.split()
    return {tuple(words[i : i + 5]) for i in range(len(words) - 4)}


def plainly_nearest(texts: Sequence[str]) -> dict[int, int]:
    """Half the different runs of five words in one earlier text, three of them at least in any."""
    found = {}
    for i, text in enumerate(texts):
        own, earlier = fives(text), [fives(other) for other in texts[:i]]
        shared = [len(own & other) for other in earlier]
        known = len(own & set().union(*earlier))
        if len(text.split()) >= 12 and known >= 3 and max(shared) >= len(own) / 2:
            found[i] = shared.index(max(shared))
    return {i: j for i, j in found.items() if texts[i] != texts[j]}


def nearest(texts: Sequence[str], stock: Sequence[str] = ()) -> dict[int, int]:
    return nearest_earlier(tokenised(texts), NgramCounts(tokenised(stock), 5), 3)


@given(TEXTS)
def test_near_copies_are_those_found_by_comparing_all_with_all(texts: list[str]) -> None:
    assert nearest(texts) == plainly_nearest(texts)


def test_a_phrase_that_three_real_texts_share_makes_no_near_copy() -> None:
    text = " ".join(WORDS)
    other = " ".join(["Zero", *WORDS[1:]])
    assert nearest([text, other]) == {1: 0}
    assert nearest([text, other], [f"{i} {text}" for i in range(2)]) == {1: 0}
    assert nearest([text, other], [f"{i} {text}" for i in range(3)]) == {}
