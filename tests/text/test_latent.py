"""An encoder learnt from the reference's own texts: unit vectors, the same each time, whatever the texts."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syngen.text.embeddings.latent import fit_latent

BLADES = [
    f"The blade of this {kind} knife is sharp and cuts {food}."
    for kind in "old new big".split()
    for food in "bread meat".split()
]
TRAINS = [
    f"The train to {town} was late and the {seat} was cold."
    for town in "Bern Graz Lyon".split()
    for seat in "coach platform".split()
]


def test_texts_on_one_subject_lie_nearer_than_others() -> None:
    blade, knife, train = fit_latent(BLADES + TRAINS).encode(
        ["Sharp blade.", "This knife cuts meat.", "A late train to Graz."]
    )
    assert blade @ knife > blade @ train + 0.3


def test_vectors_have_length_1_and_a_text_without_a_known_word_is_a_zero_vector() -> None:
    vectors = fit_latent(BLADES).encode(["A sharp knife", "", "  ", "Zugspitze!"])
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1, 0, 0, 0], abs=1e-6)


def test_no_texts_give_no_vectors_of_the_same_width() -> None:
    encoder = fit_latent(BLADES)
    assert encoder.encode([]).shape == (0, encoder.encode(BLADES).shape[1])


def test_two_fits_with_one_seed_agree_in_every_bit() -> None:
    texts = BLADES * 20 + TRAINS * 20
    first, second = (fit_latent(texts, dimensions=8, seed=5).encode(texts) for _ in range(2))
    assert np.array_equal(first, second)


def test_a_text_has_the_same_vector_in_any_company() -> None:
    encoder = fit_latent(BLADES + TRAINS)
    assert np.array_equal(encoder.encode(BLADES + TRAINS)[6:], encoder.encode(TRAINS))


@pytest.mark.parametrize("texts", [["One text alone."], ["Equal texts."] * 30, ["!!!", "?"], [""], []])
def test_few_equal_or_wordless_texts_are_enough(texts: list[str]) -> None:
    vectors = fit_latent(texts).encode(["One of the equal texts alone.", *texts])
    assert vectors.shape[0] == len(texts) + 1
    assert vectors.shape[1] == 1
    assert np.isfinite(vectors).all()


def test_there_are_no_more_dimensions_than_asked_for() -> None:
    assert fit_latent(BLADES + TRAINS, dimensions=3).encode(TRAINS).shape == (6, 3)


def test_chinese_has_words_too() -> None:
    texts = ["这个产品很好用", "这个产品很难用", "火车今天又晚点", "火车昨天又晚点"]
    product, other, train, _ = fit_latent(texts).encode(texts)
    assert product @ other > product @ train


@settings(max_examples=30)
@given(st.lists(st.text(max_size=40), max_size=12), st.integers(0, 2**32 - 1))
def test_any_texts_become_vectors_of_length_1_or_0(texts: list[str], seed: int) -> None:
    lengths = np.linalg.norm(fit_latent(texts, seed=seed).encode(texts), axis=1)
    assert (np.isclose(lengths, 1, atol=1e-5) | (lengths == 0)).all()
