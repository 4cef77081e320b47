"""N-grams and keys of rows: equal exactly where the words are, in every process, remembered in any number."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from syngen.text.ngrams import (
    HashSet,
    NgramCounts,
    longest_run,
    ngrams,
    plain,
    row_key,
    row_keys,
    text_keys,
    tokenised,
    word_hashes,
)
from syngen.text.words import normalised

TEXT = st.lists(st.sampled_from("a b c d e f".split()), max_size=15).map(" ".join)
ANY = st.text(st.sampled_from("ab9_'’- \n.,!éß語🙂") | st.characters(codec="utf-8", exclude_characters="\0"))


@settings(deadline=None)
@given(TEXT, TEXT, st.integers(1, 6))
def test_ngrams_are_equal_exactly_where_their_words_are(one, other, size):
    def shared(ngrams_of):
        return [[a == b for b in ngrams_of(other)] for a in ngrams_of(one)]

    def spelled(text):
        words = normalised(text).split()
        return [words[i : i + size] for i in range(len(words) - size + 1)]

    assert shared(lambda text: ngrams(word_hashes(text), size).tolist()) == shared(spelled)


@settings(deadline=None)
@given(st.lists(ANY, max_size=6))
def test_many_texts_are_tokenised_as_one_is(given):
    texts = tokenised(given)
    assert list(texts.plain) == [normalised(text) for text in given]
    assert [texts[i].tolist() for i in range(len(texts))] == [word_hashes(text).tolist() for text in given]


@settings(deadline=None)
@given(st.lists(st.tuples(ANY, ANY | st.none()), max_size=6))
def test_rows_of_a_frame_have_the_keys_they_have_alone(rows):
    frame = pl.DataFrame(rows, {"title": pl.String, "text": pl.String}, orient="row")
    assert row_keys(frame, ["title", "text"]) == [row_key(text or "" for text in row) for row in rows]


def test_rows_are_the_same_but_for_letter_case_punctuation_and_spaces():
    frame = pl.DataFrame(
        {"text": ["A fine saw.", "a  FINE saw", "A fine saw", "🙂", "🙁"], "stars": [5, 5, 4, 1, 1]}
    )
    first, second, third, happy, sad = row_keys(frame, ["text"])
    assert first == second != third
    assert happy != sad
    keys = text_keys(frame["text"]).to_list()
    assert keys[0] == keys[1] == keys[2]
    assert keys[3:] == [None, None]


def test_hashes_are_the_same_in_every_process():
    code = (
        "from syngen.text.ngrams import ngrams, row_key, word_hashes\n"
        "print(ngrams(word_hashes('It’s a fine saw, 100 %'), 2).tolist(), row_key(['A saw', '🙂']))"
    )
    said = {
        subprocess.run(
            [sys.executable, "-c", code],
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    here = f"{ngrams(word_hashes('It’s a fine saw, 100 %'), 2).tolist()} {row_key(['A saw', '🙂'])}\n"
    assert said == {here}


@settings(deadline=None)
@given(st.lists(st.lists(st.integers(0, 200), max_size=40), max_size=6), st.integers(1, 30))
def test_what_was_added_is_held_and_nothing_else(batches, fresh):
    seen = HashSet(fresh)
    for batch in batches:
        seen.add(np.array(batch, np.uint64))
    added = {number for batch in batches for number in batch}
    assert seen.holds(np.arange(201, dtype=np.uint64)).tolist() == [n in added for n in range(201)]


def test_the_texts_with_an_ngram_are_counted():
    texts = tokenised(["on the way up", "on the way down on the way", "on the way in"])
    found = NgramCounts(texts, 3).of(ngrams(word_hashes("on the way up the hill"), 3))
    assert found.tolist() == [3, 1, 0, 0]


def test_no_text_has_no_ngrams():
    assert not NgramCounts(tokenised([]), 5).of(np.arange(3, dtype=np.uint64)).any()


def test_no_ngram_crosses_the_end_of_a_text():
    hashes, owners = tokenised(["one two", "", "three four five"]).ngrams(2)
    assert owners.tolist() == [0, 2, 2]
    assert hashes.tolist()[1:] == ngrams(word_hashes("three four five"), 2).tolist()


def test_the_longest_run_is_found():
    assert longest_run(np.array([False, True, True, False, True, True])) == (1, 2)
    assert longest_run(np.array([True, True, True])) == (0, 3)
    assert longest_run(np.zeros(0, np.bool_)) == (0, 0)


def test_one_word_may_have_an_apostrophe_or_a_hyphen():
    assert plain("'Don't -- well-known'") == "don't well-known"
