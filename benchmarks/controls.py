"""Do the controls do what they say? Strategies beside the base prompt on the same slots and seeds, with the real rows.

    python benchmarks/controls.py [--data FILE] [-n 200] [--long 500] [--model MODEL] [--runs DIR] [--arms ARM ...]

Prints the tables of docs/controls.md. Runs are kept in DIR and gone on with, so an interrupted one costs little.
"""

from __future__ import annotations

import argparse
import platform
import time
from pathlib import Path

import numpy as np
import polars as pl
from paired import holm, paired_change

import syngen
from syngen.store.run import Run
from syngen.text.words import count_words, grade
from syngen.types import Reference, Score, drift_score

DATA = Path(__file__).parents[2] / "shared" / "data" / "womens_clothing_22k.csv.gz"
ARMS: dict[str, dict[str, object]] = {
    "base": {},
    "length": {"strategy": "length"},
    "length, --no-steer": {"strategy": "length", "steer": False},
    "length, more rows": {"strategy": "length"},
    "complexity": {"strategy": "complexity"},
    "complexity simple": {"complexity": "simple"},
    "complexity advanced": {"complexity": "advanced"},
    "diversity match": {"strategy": "diversity"},
    "diversity high": {"diversity": "high"},
    "all three": {"strategy": "length,complexity,diversity"},
    "all three, --select 1.5": {"strategy": "length,complexity,diversity", "select": 1.5},
}
LONG = {"length, more rows"}  # as many rows as the target names


def main() -> None:
    """Run every arm, measure it, print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--rows", type=int, default=4_000, help="real rows used, the first ones")
    parser.add_argument("-n", type=int, default=200)
    parser.add_argument("--long", type=int, default=500, help="rows of the longer run of length")
    parser.add_argument("--model", default="embedded/smollm2-135m")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--arms", nargs="+", default=list(ARMS), choices=list(ARMS), metavar="ARM")
    parser.add_argument("--runs", type=Path, default=Path("runs/controls"))
    given = parser.parse_args()
    reference = syngen.load(syngen.load(given.data).frame.head(given.rows))
    main_text = reference.profile.main
    arms = given.arms
    print(
        f"{given.model}, {given.data.name}, {time.strftime('%d %B %Y')}, {platform.machine()}, n = {given.n}"
    )
    done = {arm: Arm(arm, reference, main_text, given) for arm in arms}
    base = done.get("base")
    print(
        "\n| | rows | accepted / returned | rows/s | length within 10 % | length KS | grade Spearman | of the first slot | mean grade |"
    )
    print("|---|---:|---:|---:|---:|---:|---:|---:|---:|")
    for arm in done.values():
        print(arm.controls())
    print(
        "\n| | pairwise similarity | top opening | near-duplicates | compression | drift | TF-IDF C2ST | longest span |"
    )
    print("|---|---:|---:|---:|---:|---:|---:|---:|")
    for arm in done.values():
        print(arm.scores())
    if base is not None:
        print(base.real())
        same = [arm for arm in done.values() if arm is not base and arm.run.config.candidates == given.n]
        changes(base, same)


class Arm:
    """One run and what was measured of it."""

    def __init__(self, name: str, reference: Reference, text: str, given: argparse.Namespace) -> None:
        self.name, self.text = name, text
        n = max(given.n, given.long) if name in LONG else given.n
        path = given.runs / f"{name.replace(', ', '-').replace(' ', '-')}-{n}"
        settings = {"seed": given.seed, "model": given.model, "min_yield": 0.0, **ARMS[name]}
        if (path / "manifest.json").exists():
            self.run: Run = syngen.resume(path)
        else:
            self.run = syngen.generate(reference, n, run=path, **settings)
        report = syngen.evaluate(reference, self.run)
        self._scores = {(s.name, s.column): s for s in report.scores}
        self.drift = drift_score(report.scores)
        texts = self.run.rows[text].to_list()
        origins = self.run.origins(text)
        self.slots = origins["slot"].to_numpy()
        self.words = np.array([count_words(t or "") for t in texts], float)
        self.grades = np.array([np.nan if t is None or (g := grade(t)) is None else g for t in texts])
        self.words_wanted = origins["words"].cast(pl.Float64).to_numpy()
        plan = self.run.plan()  # before any text went to another slot
        assert plan is not None
        self.own_grades = plan.targets(text)["grade"].to_numpy()[self.slots]
        self.grades_wanted = origins["grade"].cast(pl.Float64).to_numpy()

    def score(self, name: str) -> Score | None:
        """A score of the text, or of the whole table."""
        return self._scores.get((name, self.text)) or self._scores.get((name, ""))

    def controls(self) -> str:
        """A line of the first table."""
        from scipy.stats import ks_2samp, spearmanr

        off = np.abs(self.words - self.words_wanted)
        within = np.mean(off <= np.maximum(0.1 * self.words_wanted, 3))
        ks = ks_2samp(self.words, self.words_wanted).statistic
        rank = spearmanr(self.grades, self.grades_wanted, nan_policy="omit").statistic
        first = spearmanr(self.grades, self.own_grades, nan_policy="omit").statistic
        ledger = self.run.ledger
        return (
            f"| {self.name} | {len(self.words)} | {len(self.words)} / {ledger.returned} "
            f"| {ledger.accepted / self.run.seconds:.2f} | {within:.1%} | {ks:.3f} | {rank:.2f} | {first:.2f} "
            f"| {np.nanmean(self.grades):.1f} |"
        )

    def scores(self) -> str:
        """A line of the second table."""
        names = ("pairwise_similarity", "top_opening_share", "near_duplicate_share", "compression_ratio")
        cells = [_value(self.score(name)) for name in names]
        cells += [
            _value(self.drift),
            _value(self.score("c2st_tfidf")),
            _value(self.score("longest_shared_span")),
        ]
        return f"| {self.name} | {' | '.join(cells)} |"

    def real(self) -> str:
        """The same scores between real rows, of as many rows as the base has."""
        names = ("pairwise_similarity", "top_opening_share", "near_duplicate_share", "compression_ratio")
        scores = [*(self.score(name) for name in names), self.drift, self.score("c2st_tfidf")]
        scores.append(self.score("longest_shared_span"))
        return f"| real rows | {' | '.join(_floor(score) for score in scores)} |"


def changes(base: Arm, arms: list[Arm]) -> None:
    """What each strategy changed of words and grades, slot by slot, with Holm's correction."""
    print("\n| beside base, same slots | words | grade |")
    print("|---|---:|---:|")
    found = []
    for arm in arms:
        for measure in ("words", "grades"):
            ours, theirs = getattr(base, measure), getattr(arm, measure)
            found.append(paired_change(ours, theirs, base.slots, arm.slots))
    corrected = iter(holm([change.p for change in found]))
    cells = [f"{c.mean:+.1f} ({c.low:+.1f} to {c.high:+.1f}), p {next(corrected):.3f}" for c in found]
    for arm, words, grades in zip(arms, cells[::2], cells[1::2], strict=True):
        print(f"| {arm.name} | {words} | {grades} |")


def _value(score: Score | None) -> str:
    return "–" if score is None or score.value is None else f"{score.value:.3f}"


def _floor(score: Score | None) -> str:
    if score is None or score.floor is None:
        return "–"
    return f"{score.floor.mean:.3f} ({score.floor.low:.3f} to {score.floor.high:.3f})"


if __name__ == "__main__":
    main()
