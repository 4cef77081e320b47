"""Shown rows are real, from the train split, like the slot, the same for a group and fresh otherwise."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import polars as pl

from syngen.plan import make_plan
from syngen.prompts import PromptContext, ask_natively
from syngen.prompts.shown import MOST_WORDS, choose_rows, cut
from syngen.reference import load
from syngen.types import Reference, Slot


def test_only_train_rows_are_shown(chat: PromptContext, goods: Reference, slots: list[Slot]) -> None:
    train = set(goods.train.tolist())
    assert len(train) < goods.frame.height
    for attempt in range(3):
        for slot in slots:
            assert set(choose_rows(chat, [slot], attempt)) <= train
        assert set(ask_natively(chat, 5, attempt).shown) <= train


def test_slots_of_one_group_show_the_same_rows(chat: PromptContext, slots: list[Slot]) -> None:
    by_group: dict[int, set[tuple[int, ...]]] = {}
    for slot in slots:
        by_group.setdefault(slot.group, set()).add(choose_rows(chat, [slot], 0))
    assert len(by_group) < len(slots)
    assert all(len(shown) == 1 for shown in by_group.values())


def test_every_group_attempt_and_seed_shows_others(chat: PromptContext, slots: list[Slot]) -> None:
    ways = [
        choose_rows(brief, [slot], attempt)
        for brief in (chat, replace(chat, seed=4))
        for slot in {slot.group: slot for slot in slots}.values()
        for attempt in range(2)
    ]
    assert len(set(ways)) > 0.95 * len(ways)


def test_the_same_request_shows_the_same_rows_again(chat: PromptContext, slots: list[Slot]) -> None:
    assert choose_rows(chat, slots[:1], 2) == choose_rows(replace(chat), slots[:1], 2)
    assert ask_natively(chat, 5, 2) == ask_natively(replace(chat), 5, 2)


def test_shown_rows_are_like_the_slot_more_often_than_chance_has_it(
    chat: PromptContext, goods: Reference, slots: list[Slot]
) -> None:
    words = goods.measures["text"].words
    stars, kinds, lengths = [], [], []
    for slot in slots:
        shown = list(choose_rows(chat, [slot], 0))
        stars += (goods.frame["stars"].gather(shown) - slot.values["stars"]).abs().to_list()
        kinds += (goods.frame["kind"].gather(shown) == slot.values["kind"]).to_list()
        lengths += np.abs(np.log(words[shown] / slot.texts["text"].words)).tolist()
    assert np.mean(stars) < 0.8  # by chance 1.6
    assert np.mean(kinds) > 0.6  # by chance a third
    assert np.mean(lengths) < 0.4  # by chance 0.6


def test_no_row_is_shown_twice_in_one_prompt(chat: PromptContext, slots: list[Slot]) -> None:
    assert all(len(set(choose_rows(chat, [slot], 0))) == 4 for slot in slots)


def test_a_reference_of_two_rows_shows_two(goods_with: Callable[..., Reference]) -> None:
    tiny = goods_with(2)
    slot = next(iter(make_plan(tiny, 1)))
    assert sorted(choose_rows(PromptContext(tiny, "", "chat", 0), [slot], 0)) == [0, 1]


def test_missing_labels_are_no_trouble(goods_with: Callable[..., Reference]) -> None:
    gaps = goods_with(60, kind=[None, "pan", "pan", None, "whisk", "pan"] * 10, stars=[None, 1, 2, 3, 4] * 12)
    brief = PromptContext(gaps, "", "chat", 0)
    for slot in make_plan(gaps, 30):
        assert len(choose_rows(brief, [slot], 0)) == 4


def test_long_texts_are_cut_at_a_word() -> None:
    short = "boils fast. " * 10
    assert cut(short) == short
    long = cut("unstoppable " * 4_000)
    assert set(long.removesuffix(" …").split(" ")) == {"unstoppable"}
    assert len(long.split(" ")) <= MOST_WORDS + 1
    assert len(cut("x" * 50_000)) < 2_000


def test_words_are_never_cut_in_the_middle() -> None:
    assert set(cut("incomprehensibilities " * 100).removesuffix(" …").split(" ")) == {"incomprehensibilities"}


def test_a_text_that_several_rows_have_is_shown_once() -> None:
    often = ["Great.", "great. ", "GREAT."] * 8
    texts = [*often, *(f"It lasted for {i} weeks." for i in range(3, 40))]
    frame = pl.DataFrame({"stars": [5] * len(texts), "review": texts})
    real = load(frame, text_columns=("review",))
    context = PromptContext(real, "", "chat", 0)
    for slot in make_plan(real, 20):
        shown = [frame["review"][row].strip().lower() for row in choose_rows(context, [slot], 0)]
        assert len(shown) == len(set(shown)) > 1
