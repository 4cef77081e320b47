"""Writers that do what they are told, or don't: they read their orders from a strategy template of the tests' own."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from syngen.models.providers.function import FunctionModel
from syngen.prompts.compose import sentence_words
from syngen.text.words import syllables
from syngen.types import Request
from writing import WORDS, sentence

ORDERS = """{% block wish %}{% if main %}ORDER {"words": {{ target.words }}, "grade": {{ target.grade | json }},
"topic": {{ target.topic | json }}, "avoid": {{ target.avoid | json }}}{% endif %}{% endblock %}
{% block native %}ORDER {"words": {{ words }}, "grade": {{ grade | json }}, "avoid": {{ avoid | json }}}{% endblock %}"""
SHORT = [word for word in WORDS if syllables(word) == 1]
LONG = [word for word in WORDS if syllables(word) > 1]
MEAN = sum(map(syllables, LONG)) / len(LONG)

Scribe = Callable[[random.Random, dict[str, Any]], str]


def ordering(*strategies: str) -> str:
    """The strategies, and the template with the orders, which is written into the current folder."""
    Path("orders.jinja").write_text(ORDERS)
    return ",".join(["orders.jinja", *strategies])


def orders(request: Request) -> list[dict[str, Any]]:
    """What is ordered of each text, in the order of the records."""
    user = request.prompt.user
    return [json.JSONDecoder().raw_decode(user, found.end())[0] for found in re.finditer("ORDER ", user)]


def answer(request: Request, scribe: Scribe) -> str:
    """A reply in which the scribe writes the texts."""
    chance = random.Random(request.sampling.seed)
    texts = [{"title": sentence(chance, 9), "text": scribe(chance, order)} for order in orders(request)]
    keys = [list(each["properties"]) for each in _objects(request.schema or {})]
    made = [{key: text[key] for key in some} for some, text in zip(keys, texts, strict=True)]
    return json.dumps({"rows": made} if "rows" in (request.schema or {})["properties"] else made[0])


def _objects(schema: Any) -> list[Any]:
    if "rows" not in schema["properties"]:
        return [schema]
    rows = schema["properties"]["rows"]
    return rows.get("prefixItems") or [rows["items"]] * rows["minItems"]


def model(scribe: Scribe, name: str = "function/scribe") -> FunctionModel:
    return FunctionModel(lambda request: answer(request, scribe), name)


def prose(chance: random.Random, words: int, grade: float | None = 5.0) -> str:
    """So many words, in sentences of about this grade."""
    level = 5.0 if grade is None else grade
    share = (0.25 + 0.03 * min(max(level - 2, 0.0), 12.0)) / (MEAN - 1)
    said = [chance.choice(LONG if chance.random() < share else SHORT) for _ in range(max(1, words))]
    size = sentence_words(level)
    parts = [" ".join(said[i : i + size]) for i in range(0, len(said), size)]
    return " ".join(f"{part.capitalize()}." for part in parts)


def obeys(chance: random.Random, order: dict[str, Any]) -> str:
    """Writes what is ordered."""
    return prose(chance, order["words"], order["grade"])


def steps_apart(some: Any, others: Any) -> float:
    """The Kolmogorov–Smirnov distance."""
    some, others = np.sort(np.asarray(some, float)), np.sort(np.asarray(others, float))
    at = np.union1d(some, others)
    below = [np.searchsorted(values, at, "right") / len(values) for values in (some, others)]
    return float(np.abs(below[0] - below[1]).max())
