"""Hashes of runs of words: the same runs as everywhere in the house, remembered in any number."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from syngen.text.ngrams import Corpus, Seen, longest_run, runs, word_hashes
from syngen.text.words import normalised

TEXT = st.lists(st.sampled_from("a b c d e f".split()), max_size=15).map(" ".join)


@settings(deadline=None)
@given(TEXT, TEXT, st.integers(1, 6))
def test_runs_are_equal_exactly_where_their_words_are(one, other, size):
    def shared(runs_of):
        return [[a == b for b in runs_of(other)] for a in runs_of(one)]

    def spelled(text):
        words = normalised(text).split()
        return [words[i : i + size] for i in range(len(words) - size + 1)]

    assert shared(lambda text: runs(word_hashes(text), size).tolist()) == shared(spelled)


@settings(deadline=None)
@given(st.lists(st.lists(st.integers(0, 200), max_size=40), max_size=6), st.integers(1, 30))
def test_what_was_added_is_held_and_nothing_else(batches, fresh):
    seen = Seen(fresh)
    for batch in batches:
        seen.add(np.array(batch, np.uint64))
    added = {number for batch in batches for number in batch}
    assert seen.holds(np.arange(201, dtype=np.uint64)).tolist() == [n in added for n in range(201)]


def test_a_corpus_tells_what_few_texts_have_from_what_many_have():
    texts = [word_hashes(t) for t in ("on the way up", "on the way down on the way", "on the way in")]
    corpus = Corpus(texts, size=3, common=3)
    rare, common = corpus.look_up(runs(word_hashes("on the way up the hill"), 3))
    assert rare.tolist() == [False, True, False, False]
    assert common.tolist() == [True, False, False, False]


def test_an_empty_corpus_holds_nothing():
    rare, common = Corpus([], 5, 3).look_up(np.arange(3, dtype=np.uint64))
    assert not rare.any()
    assert not common.any()


def test_the_longest_run_is_counted():
    assert longest_run(np.array([False, True, True, False, True])) == 2
    assert longest_run(np.array([True, True, True])) == 3
    assert longest_run(np.zeros(0, np.bool_)) == 0
