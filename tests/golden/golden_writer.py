"""Models for the golden tests: `--model function/golden_writer:planned` and the like.

Each reply depends on nothing but the request, so that the stored run folders can be resumed.
"""

from __future__ import annotations

import json
import random
from typing import Any

WORDS = (
    "apple arrived autumn barely battery before better blanket boils bright broken button careful cheap clean "
    "comes corner cotton daily dinner double early easily enough evening every family favourite feels fits fresh "
    "friendly garden gentle glass gloves green handle happy heavy hinge hours inside kettle kitchen ladder large "
    "later leather light little lovely machine manual metal minutes morning mother mostly needs neighbour never "
    "night noisy often older orange owner paper pocket poor price proper quick quiet rarely ready really recipe"
).split()

calls_left: list[int] = []  # how many calls `planned` answers before it is interrupted; empty: all


def planned(request: Any) -> str:
    """A valid reply to a planned request, or Ctrl-C when no calls are left."""
    if calls_left:
        if not calls_left[0]:
            raise KeyboardInterrupt
        calls_left[0] -= 1
    chance = random.Random(request.sampling.seed)
    if request.schema is None:
        return _sentence(chance)
    properties = request.schema["properties"]
    if "rows" not in properties:
        return json.dumps({name: _sentence(chance) for name in properties})
    rows = properties["rows"]
    objects = rows.get("prefixItems") or [rows["items"]] * rows["minItems"]
    return json.dumps({"rows": [{name: _sentence(chance) for name in o["properties"]} for o in objects]})


def native(request: Any) -> str:
    """A chatty reply with one row too few, one that is cut off, and one copy of a row that is shown."""
    chance = random.Random(request.attempt)
    shown = next(line for line in request.prompt.user.splitlines() if line.startswith("T-1"))
    rows = [shown]
    for _ in range(max(1, request.rows - 3)):
        texts = ",".join(_sentence(chance) for _ in range(3))
        opened = f"2024-0{chance.randint(1, 8)}-{chance.randint(10, 20)}"
        topic, escalated = chance.choice(("billing", "login")), chance.random() < 0.5
        rows.append(f"T-{chance.randrange(2000, 9000)},{texts},{opened},{topic},{escalated}")
    rows.append("T-4711,The last one")
    return "Sure! Here are your rows:\n\n```csv\n" + "\n".join(rows) + "\n```\nLet me know if you need more."


def mute(request: Any) -> str:
    """Nothing at all."""
    return ""


def _sentence(chance: random.Random) -> str:
    return f"The {' '.join(chance.choices(WORDS, k=chance.randint(9, 14)))}."
