"""Find orders between columns, columns that others determine, and columns whose presence depends on others.

Each is tested against chance: how often it would hold if the rows of one column were shuffled. What follows from the
others is left out: of a ≤ b ≤ c only the neighbours are named, of city → state → country too.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import polars as pl

from syngen.columns.relations import Cells, agreement
from syngen.reference.formulas import AGREEMENT, SURPRISE, information
from syngen.text.format import counted
from syngen.types import Relation, Value, generator

Hashes = npt.NDArray[np.uint64]

_SAMPLE = 500  # rows on which orders are tried
_ABSENT = np.uint64(0)
_PARTS = np.uint64(4096)
_COMPARED = 16_000  # rows on which what is likely is compared
_GROUPED = 2_000  # rows on which dependencies are tried, all rows of some values
_BY_CHANCE = 0.95  # an order that holds as often between shuffled columns says nothing
_LONGEST_PREFIX, _MINTED = (
    5,
    2,
)  # characters of an identifier that may determine a label; those left to be new
_FEW_LABELS = 50  # that a presence may depend on
_MOSTLY = 0.6  # of the rows that are not equal, that must be in order where a part of all rows is
_TELLING = 0.02  # share of rows without a value that a condition must explain at least
_ROWS_OF_A_KEY = 3  # on average, where it is a number or a point in time
_OF_CHANCE = 0.2  # of the errors that a guess of the most common value makes


def find_orders(
    cells: Cells, kinds: Mapping[float, Sequence[str]], settled: Collection[frozenset[str]]
) -> list[Relation]:
    """Find pairs of columns of which the first is never larger.

    Args:
        kinds: Columns that can be compared with each other, such as numbers or points in time, by the share of the
            rows in which they must be in order.
        settled: Pairs whose order follows from a formula.
    """
    found: list[Relation] = []
    for least, names in kinds.items():
        held: dict[tuple[str, str], float] = {}
        for low, high in _likely_orders(cells, names, least):
            if frozenset((low, high)) in settled:
                continue
            relation = Relation("order", (low, high), f"{low} ≤ {high}", 0.0)
            known, agree = agreement(relation, cells)
            share = float(agree.sum() / max(1, known.sum()))
            apart = known & (cells.numbers(low) != cells.numbers(high))
            if share >= AGREEMENT or (share >= least and agree[apart].mean() >= _MOSTLY):
                held[low, high] = share
        pairs = _reduced({pair for pair in held if held[pair] > held.get(pair[::-1], 0.0) < AGREEMENT})
        found += [
            Relation("order", pair, f"{pair[0]} ≤ {pair[1]}", round(held[pair], 5)) for pair in sorted(pairs)
        ]
    return found


def _likely_orders(cells: Cells, names: Sequence[str], least: float) -> Iterator[tuple[str, str]]:
    """Pairs in order on a sample, more often than shuffled ones would be."""
    if len(names) < 2:
        return
    rng = generator(0, "relations", "orders")
    rows = len(cells.frame)
    some = cells.gather(np.sort(rng.choice(rows, min(rows, _SAMPLE), replace=False)))
    table = np.stack([some.numbers(name) for name in names], axis=1)
    needed = SURPRISE + 2 * np.log2(len(names))
    for i, low in enumerate(names):
        with np.errstate(invalid="ignore"):
            known = ~np.isnan(table[:, i, None]) & ~np.isnan(table)
            below = (table[:, i, None] <= table) & known
            shuffled = [table[rng.permutation(len(table)), i, None] for _ in range(3)]
            pairs = [~np.isnan(column) & ~np.isnan(table) for column in shuffled]
            chance = [(column <= table) & pair for column, pair in zip(shuffled, pairs, strict=True)]
        expected = (sum(c.sum(axis=0) for c in chance) + 1) / (sum(p.sum(axis=0) for p in pairs) + 1)
        shares = below.sum(axis=0) / np.maximum(1, known.sum(axis=0))
        in_order = shares >= least - 0.005
        for j in np.flatnonzero(in_order).tolist():
            both = table[known[:, j]][:, [i, j]]
            if j == i or len(both) < 3 or expected[j] > _BY_CHANCE:
                continue
            share = 1.0 if shares[j] >= AGREEMENT - 0.005 else float(shares[j])
            if information(share, float(expected[j])) * len(np.unique(both, axis=0)) >= needed:
                yield low, names[j]


def find_dependencies(
    frame: pl.DataFrame, cells: Cells, names: Sequence[str], moved: Collection[str]
) -> list[Relation]:
    """Find columns that another one determines.

    Args:
        names: Columns whose values can be compared as they are.
        moved: Of these, numbers and points in time. Those that hardly repeat are no keys: a label that goes with
            each by chance would seem to follow from them.
    """
    if not names:
        return []
    table = np.stack([_hashes(frame[name]) for name in names])
    held: dict[tuple[str, str], float] = {}
    for i, key in enumerate(names):
        if key in moved and not _repeats(table[i]):
            continue
        others = [k for k in range(i) if (names[k], key) in held]
        twins = zip(others, _same_shares(table, i, others), strict=True)
        if (
            twin := next((k for k, share in twins if share >= AGREEMENT), None)
        ) is not None:  # determines what its twin determines
            held |= {
                (key, value): share for (k, value), share in held.items() if k == names[twin] and value != key
            }
            held[key, names[twin]] = held[names[twin], key]
            continue
        likely = _determined(table, i)
        for j, share in zip(likely, _same_shares(table, i, likely), strict=True):
            if share >= AGREEMENT:
                held[key, names[j]] = share
    for key, value in [pair for pair in held if pair[0] in moved and pair[::-1] in held]:
        if value not in moved or names.index(key) > names.index(value):
            del held[key, value]
    mutual = {pair for pair in held if pair[::-1] in held}
    leader = {name: next(n for n in names if n == name or (n, name) in mutual) for name in names}
    pairs = sorted(_reduced({p for p in held if p not in mutual and all(leader[n] == n for n in p)}))
    found = [Relation("determines", (value, key), f"{key} → {value}", 0.0) for key, value in pairs]
    found += [
        Relation("determines", (name, leader[name]), f"{leader[name]} ↔ {name}", 0.0, mutual=True)
        for name in names
        if leader[name] != name
    ]
    return _after_keys([relation for each in found if (relation := _tested(each, cells)) is not None])


def _repeats(cells: Hashes) -> bool:
    """Whether values come again often enough to be keys, without the most common one: a year, not an amount."""
    counts = np.unique(cells[cells != _ABSENT], return_counts=True)[1]
    return bool(counts.sum() - counts.max(initial=0) >= _ROWS_OF_A_KEY * (len(counts) - 1))


def _tested(relation: Relation, cells: Cells) -> Relation | None:
    """The relation with the share of rows in which it holds; None where these are too few."""
    known, agree = agreement(relation, cells)
    share = float(agree.sum()) / max(1.0, float(known.sum()))
    return replace(relation, share=round(share, 5)) if share >= AGREEMENT else None


def find_prefixes(
    frame: pl.DataFrame, cells: Cells, keys: Sequence[str], labels: Sequence[str]
) -> list[Relation]:
    """Find labels that the first characters of an identifier determine: the state of a ZIP code."""
    found = []
    for key in keys:
        texts = frame[key].cast(pl.String)
        lengths = texts.drop_nulls().str.len_chars().to_numpy()
        longest = min(_LONGEST_PREFIX, int(lengths.min(initial=_LONGEST_PREFIX + _MINTED)) - _MINTED)
        waiting = list(labels)
        for length in range(1, longest + 1):
            begins = texts.str.head(length)
            begin = f"first {counted(length, 'character')}" if length > 1 else "first character"
            if begins.n_unique() < 2:
                continue
            columns = [begins, *(frame[name] for name in waiting)]
            table = np.stack([_hashes(column) for column in columns])
            for name in [waiting[j - 1] for j in _determined(table, 0)]:
                relation = Relation(
                    "determines", (name, key), f"{begin} of {key} → {name}", 0.0, prefix=length
                )
                tested = _tested(relation, cells)
                if tested is not None:
                    found.append(tested)
                    waiting.remove(name)
    return found


def _determined(table: Hashes, key: int) -> list[int]:
    """Columns that seem to be the same in all rows with the same value of one, looking at some of its values.

    Args:
        table: Shape (columns, rows).
        key: The number of the column.
    """
    rows = _grouped(table[key], _GROUPED)
    some = np.take(table, rows, axis=1)
    again = some[key, 1:] == some[key, :-1]
    later, earlier = some[:, 1:][:, again], some[:, :-1][:, again]
    gaps = (later == _ABSENT) | (earlier == _ABSENT)
    same = (later == earlier) & ~gaps
    known = np.maximum(1, later.shape[1] - gaps.sum(axis=1))
    likely = np.flatnonzero(same.sum(axis=1) >= (1 - 3 * (1 - AGREEMENT)) * known).tolist()
    thin = table[:, :: max(1, table.shape[1] // _GROUPED)]
    thin = thin[:, thin[key] != _ABSENT]
    found = []
    for j in likely:
        told = later[j, same[j]]
        if j == key or not len(told):
            continue
        values, counts = np.unique(thin[j, thin[j] != _ABSENT], return_counts=True)
        if not len(values):
            continue
        places = np.minimum(np.searchsorted(values, told), len(values) - 1)
        shares = np.where(values[places] == told, counts[places], 1) / counts.sum()
        enough = -np.log2(shares).sum() >= SURPRISE + 2 * np.log2(len(table))
        errors = 1 - same[j].sum() / known[j]
        if enough and errors / 2 <= _OF_CHANCE * (1 - counts.max() / counts.sum()):
            found.append(j)
    return found


def _grouped(keys: Hashes, most: int) -> npt.NDArray[np.int64]:
    """Rows with a key, sorted by it: all rows of some keys where there are more than about `most`.

    The rows of one key come in random order, since a file in order would make neighbours alike.
    """
    rows = generator(0, "relations", "keys").permutation(np.flatnonzero(keys != _ABSENT))
    if len(rows) > most:
        chosen = rows[keys[rows] % _PARTS < _PARTS * np.uint64(most) // np.uint64(len(rows))]
        few = len(chosen) > 4 * most or len(np.unique(keys[chosen])) < _FEW_LABELS
        rows = rows[:: -(-len(rows) // most)] if few else chosen
    return rows[np.argsort(keys[rows], kind="stable")]


def _same_shares(table: Hashes, key: int, columns: Sequence[int]) -> list[float]:
    """About the share of rows with the usual value of their key, of the rows whose key comes again."""
    rows = _grouped(table[key], _COMPARED) if columns else np.zeros(0, np.int64)
    again = table[key][rows[1:]] == table[key][rows[:-1]]
    shares = []
    for j in columns:
        cells = table[j][rows]
        known = again & (cells[1:] != _ABSENT) & (cells[:-1] != _ABSENT)
        differ = float((known & (cells[1:] != cells[:-1])).sum())
        shares.append(1 - differ / 2 / max(1.0, float(known.sum())))  # an odd cell differs on both sides
    return shares


def _hashes(series: pl.Series) -> Hashes:
    """A number for each distinct value; `_ABSENT` where missing."""
    return series.hash(seed=0).set(series.is_null(), int(_ABSENT)).to_numpy()


def find_presences(frame: pl.DataFrame, labels: Sequence[str], names: Sequence[str]) -> list[Relation]:
    """Find columns that have a value only where another column has certain labels, or any value.

    Args:
        labels: Columns of labels.
        names: Columns that may depend on them.
    """
    nulls = {name: frame[name].is_null().to_numpy() for name in names}
    partly = [name for name in names if 0 < nulls[name].sum() < len(frame)]
    if not partly:
        return []
    absent = np.stack([nulls[name] for name in partly], axis=1).astype(np.float64)
    found = _conditional(frame, partly, absent, labels)
    conditional = {relation.columns[0] for relation in found}
    wrong, present = (
        (1 - absent).T @ absent,
        (1 - absent).sum(axis=0)[:, None],
    )  # of a column where another is empty
    bits = -np.log2(np.maximum(absent.mean(axis=0), 1e-9))[:, None] * (absent.T @ absent)
    holds = (wrong <= (1 - AGREEMENT) * present) & (bits >= SURPRISE + 2 * np.log2(len(names)))
    shares = 1 - wrong / present
    held = {(partly[i], partly[j]): float(shares[i, j]) for i, j in np.argwhere(holds).tolist() if i != j}
    mutual = {pair for pair in held if pair[::-1] in held}
    leader = {name: next(n for n in partly if n == name or (n, name) in mutual) for name in partly}
    for name, other in sorted(
        _reduced({p for p in held if p not in mutual and all(leader[n] == n for n in p)})
    ):
        if name not in conditional:
            sentence = f"{name} only where {other} has a value"
            found.append(Relation("presence", (name, other), sentence, round(held[name, other], 5)))
    for name in partly:
        if leader[name] != name:
            pair = name, leader[name]
            found = [relation for relation in found if relation.columns[0] != name]
            sentence = f"{pair[1]} and {name} have values in the same rows"
            found.append(
                Relation("presence", pair, sentence, round(min(held[pair], held[pair[::-1]]), 5), mutual=True)
            )
    return found


def _conditional(
    frame: pl.DataFrame, names: Sequence[str], absent: npt.NDArray[np.float64], labels: Sequence[str]
) -> list[Relation]:
    """For columns that are empty except for some labels, the label column that says best where.

    Args:
        absent: 1 where a column has no value, shape (rows, names).
    """
    best: dict[str, tuple[float, Relation]] = {}
    present = 1 - absent
    surprise = -np.log2(np.maximum(absent.mean(axis=0), 1e-9))
    for label in labels:
        if frame[label].dtype.is_nested() or not 1 < frame[label].n_unique() <= _FEW_LABELS:
            continue
        known = frame[label].drop_nulls().unique().sort()
        codes = frame[label].rank("dense").fill_null(0).to_numpy()
        member = (codes == np.arange(1, len(known) + 1)[:, None]).astype(np.float64)
        rows, filled = member.sum(axis=1)[:, None], member @ present
        inside = filled > (1 - AGREEMENT) * rows
        explained, wrong = (np.where(inside, 0.0, of).sum(axis=0) for of in (rows - filled, filled))
        enough = (explained >= _TELLING * len(frame)) & (
            surprise * explained >= SURPRISE + 2 * np.log2(len(frame.columns))
        )
        holds = inside.any(axis=0) & enough & (wrong <= (1 - AGREEMENT) * present.sum(axis=0))
        for i in np.flatnonzero(holds).tolist():
            name = names[i]
            if name == label or explained[i] <= best.get(name, (0.0,))[0]:
                continue
            values: tuple[Value, ...] = tuple(known.filter(pl.Series(inside[:, i])))
            said = " or ".join(map(str, values)) if len(values) <= 3 else f"one of {len(values)} values"
            share = round(float(1 - wrong[i] / present[:, i].sum()), 5)
            sentence = f"{name} only where {label} is {said}"
            best[name] = explained[i], Relation("presence", (name, label), sentence, share, values=values)
    return [best[name][1] for name in names if name in best]


def _reduced(pairs: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """Leave out pairs that follow from two others: of a-b, b-c and a-c the last."""
    after: dict[str, set[str]] = {}
    for first, second in pairs:
        after.setdefault(first, set()).add(second)
    return {
        (first, second)
        for first, second in pairs
        if not any(second in after.get(middle, ()) for middle in after[first] if middle != second)
    }


def _after_keys(relations: list[Relation]) -> list[Relation]:
    """Sort relations of keys and values: a column comes as a value before it comes as a key."""
    ordered: list[Relation] = []
    waiting = list(relations)
    while waiting:
        values = {relation.columns[0] for relation in waiting}
        ready = [relation for relation in waiting if relation.columns[1] not in values] or waiting[:1]
        ordered += ready
        waiting = [relation for relation in waiting if relation not in ready]
    return ordered
