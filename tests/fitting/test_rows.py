"""What is learnt from: train rows only, no text twice, every epoch with something else left out."""

from __future__ import annotations

import polars as pl
import pytest
from tiny import tokenizer

from syngen.fitting.data import example, examples, in_batches, rows_of, tokens_of
from syngen.reference import load
from syngen.text import conditions
from syngen.types import Reference


def test_repeated_texts_are_learnt_once(reference: Reference) -> None:
    twice = load(pl.concat([reference.frame, reference.frame]))
    assert len(rows_of(twice, twice.train)) < len(twice.train) / 1.5
    texts = [row.texts["text"].lower() for row in rows_of(twice, twice.train)]
    assert len(set(texts)) == len(texts)


def test_no_text_learnt_is_held_out(reference: Reference) -> None:
    learnt = {row.texts["text"] for row in rows_of(reference, reference.train)}
    assert not learnt & {row.texts["text"] for row in rows_of(reference, reference.held_out)}


def test_a_row_is_its_known_columns_its_measures_and_its_texts(reference: Reference) -> None:
    row = rows_of(reference, reference.train)[0]
    line, answer, texts = example(row)
    assert f"words={row.targets['text'].words}" in line
    assert conditions.read(answer) == {name: text.strip() for name, text in row.texts.items()}
    assert texts == tuple(row.texts.values())


def test_each_epoch_leaves_out_something_else_and_the_same_seed_the_same(reference: Reference) -> None:
    rows = rows_of(reference, reference.train)
    first, again, second = examples(rows, 1, 0), examples(rows, 1, 0), examples(rows, 1, 1)
    assert first == again
    assert first != second
    with_words = sum("words=" in line for line, _, _ in first) / len(first)
    assert 0.5 < with_words <= 1
    whole = [example(row)[0] for row in rows]
    assert sum(len(line) for line in whole) > sum(len(line) for line, _, _ in first)


def test_only_the_bare_texts_count_as_text() -> None:
    words = tokenizer()
    text = "a kettle and a pump"
    plain = tokens_of(("line\n", f"text: {text}", (text,)), words, special=False)
    counted = tokens_of(("line\n", "text: a kettle\t1 and a pump", (text,)), words, special=False)
    assert plain.text == counted.text < plain.answer < counted.answer
    assert plain.ids[-1] == words.eos_token_id


def test_of_a_row_that_is_cut_its_text_counts_as_far_as_it_is_there() -> None:
    words = tokenizer()
    text = "a kettle and a pump " * 20
    whole, cut = (
        tokens_of(("line\n", f"text: {text}", (text,)), words, special=False, room=room)
        for room in (1000, 50)
    )
    assert len(cut.ids) == 50
    assert cut.text / whole.text == pytest.approx(cut.answer / whole.answer, rel=0.05)


def test_a_row_alone_says_the_same_whatever_the_others_are(reference: Reference) -> None:
    """As differential privacy has it: no row may be seen in the lines of others."""

    def lines(numbers: list[int]) -> dict[str, str]:
        part = load(reference.frame[numbers])
        rows = rows_of(part, range(part.frame.height), alone=True)
        return {row.texts["text"]: example(row)[0] for row in rows}

    every, some = lines(list(range(60))), lines(list(range(0, 60, 2)))
    assert some.items() <= every.items()
    assert not any("about=" in line or "topic=" in line or "opens=" in line for line in every.values())


def test_alone_repeated_texts_are_rows_of_their_own(reference: Reference) -> None:
    twice = load(pl.concat([reference.frame, reference.frame]))
    assert len(rows_of(twice, twice.train, alone=True)) > 1.5 * len(rows_of(twice, twice.train))


def test_every_row_of_an_epoch_is_in_one_batch_with_rows_of_its_length() -> None:
    words = tokenizer()
    rows = [tokens_of(("line\n", "a kettle " * (i % 17), ()), words, special=False) for i in range(70)]
    batches = in_batches(rows, 8, 1, 0)
    assert sorted(len(row.ids) for batch in batches for row in batch) == sorted(len(r.ids) for r in rows)
    assert batches == in_batches(rows, 8, 1, 0)
    assert batches != in_batches(rows, 8, 1, 1)
    spread = [max(len(r.ids) for r in b) - min(len(r.ids) for r in b) for b in batches]
    assert sum(spread) / len(spread) < 20
