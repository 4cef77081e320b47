"""A writer for tests: valid replies without meaning, another one for each sampling seed."""

from __future__ import annotations

import json
import random

from syngen.types import Request

WORDS = (
    "apple arrived autumn barely battery before better blanket boils bright broken button careful cheap clean "
    "comes corner cotton daily dinner double early easily enough evening every family favourite feels fits fresh "
    "friendly garden gentle glass gloves green handle happy heavy hinge hours inside kettle kitchen ladder large "
    "later leather light little lovely machine manual metal minutes morning mother mostly needs neighbour never "
    "night noisy often older orange owner paper pocket poor price proper quick quiet rarely ready really recipe "
    "repair returned rough rubber sharp shelf shiny simple sister sleeve slightly slow small smooth soft solid "
    "something spare sturdy summer table thick thin tidy together tough travel under usual velvet warm washed "
    "weather week while window winter wonderful wooden works worth yellow"
).split()


def sentence(chance: random.Random, words: int) -> str:
    """So many words that make no sense but no trouble either."""
    return f"The {' '.join(chance.choices(WORDS, k=max(words, 9)))}."


def write(request: Request) -> str:
    """A valid reply to a planned request, another one for each sampling seed."""
    chance = random.Random(request.sampling.seed)
    schema = request.schema or {}
    if "rows" in schema["properties"]:
        rows = schema["properties"]["rows"]
        objects = rows.get("prefixItems") or [rows["items"]] * rows["minItems"]
        return json.dumps({"rows": [{k: sentence(chance, 12) for k in o["properties"]} for o in objects]})
    return json.dumps({k: sentence(chance, 12) for k in schema["properties"]})
