"""A text that speaks for its label tells more about it than one that speaks against it."""

from __future__ import annotations

import numpy as np
import pytest

from syngen.engine.select import FEWEST, LEAST, label_information

RNG = np.random.default_rng(3)
KINDS = RNG.normal(size=(3, 8))
LABELS = [("good", "fair", "bad")[i % 3] for i in range(150)]


def of_kinds(kinds: list[int]) -> np.ndarray:
    return (KINDS[kinds] + 0.7 * RNG.normal(size=(len(kinds), 8))).astype(np.float32)


REAL = of_kinds([i % 3 for i in range(150)])
MADE = of_kinds([0] * 40)


def test_what_a_text_tells_is_above_nothing_for_its_own_label_and_below_for_another() -> None:
    _, own = label_information(REAL, LABELS, MADE, ["good"] * 40)
    _, other = label_information(REAL, LABELS, MADE, ["bad"] * 40)
    assert own.mean() > 0.3
    assert other.mean() < -0.5
    assert (other >= LEAST).all()
    assert (own <= np.log(3) + 1e-6).all()  # of three labels as common nothing tells more


def test_real_texts_are_not_judged_by_what_learnt_from_them() -> None:
    noise = RNG.normal(size=(60, 40)).astype(np.float32)
    labels = [str(i % 2) for i in range(60)]
    real, _ = label_information(noise, labels, noise[:1], ["0"])
    _, as_learnt = label_information(noise, labels, noise, labels)
    assert real.mean() < 0.05 < as_learnt.mean()


@pytest.mark.parametrize("period", [3, 5])
def test_the_order_of_the_rows_is_of_no_account(period: int) -> None:
    order = np.argsort(np.arange(150) % period, kind="stable")
    real, made = label_information(REAL[order], [LABELS[i] for i in order], MADE, ["good"] * 40)
    assert real.mean() > 0.3
    assert made == pytest.approx(label_information(REAL, LABELS, MADE, ["good"] * 40)[1])


def test_absent_and_rare_labels_tell_nothing() -> None:
    labels = ["good"] * 70 + [None] * 75 + ["odd"] * (FEWEST - 1)
    vectors = of_kinds([0] * len(labels))
    real, made = label_information(vectors, labels, MADE[:3], ["good", None, "odd"])
    assert not real.any()
    assert not made.any()
    labels = [*LABELS[:120], *["odd"] * 9, *[None] * 21]
    real, made = label_information(REAL, labels, MADE[:3], ["odd", None, "never seen"])
    assert not real[120:].any()
    assert real[:120].any()
    assert not made.any()


def test_no_made_text_is_no_fault() -> None:
    assert len(label_information(REAL, LABELS, MADE[:0], [])[1]) == 0
