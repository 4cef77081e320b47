"""The tables that the golden values were made from: the sample data and two made up from a seed."""

from __future__ import annotations

import csv
import json
import random
import shutil
from datetime import date, timedelta
from importlib import resources
from pathlib import Path
from typing import Any

_OPENINGS = ("The invoice", "Our router", "My account", "The new tablet", "This printer", "The mobile app")
_DID = (
    "stopped working",
    "shows a strange error",
    "was charged twice",
    "can't be reached",
    "keeps restarting",
)
_WHEN = (
    "since yesterday",
    "after the last update",
    "every single morning",
    "when we open it",
    "for two weeks now",
)
_THEN = ("Please help us soon.", "We tried to restart it, but nothing changed.", "What should we do next?")
_ANSWERS = tuple(
    f"{thanks} {step} and {then}."
    for thanks in ("Thank you for writing:", "We are sorry.", "Hello again!", "Good news:")
    for step in (
        "we changed the cable",
        "we reset your password",
        "the fee was paid back",
        "a new one is on its way",
    )
    for then in ("it works now", "please try it again", "you will hear from us tomorrow")
)
_SPOKEN = {
    "de": (
        "Der Vortrag",
        "Das Seminar",
        "Die Führung",
        "war sehr lehrreich",
        "hat uns gut gefallen",
        "dauerte zu lang",
    ),
    "fr": (
        "La conférence",
        "Le séminaire",
        "La visite",
        "était très claire",
        "nous a beaucoup plu",
        "durait trop longtemps",
    ),
    "es": (
        "La charla",
        "El seminario",
        "La visita",
        "fue muy interesante",
        "nos gustó mucho",
        "duró demasiado tiempo",
    ),
}
_ENDS = {
    "de": (
        "und wir kommen gern wieder.",
        "obwohl der Raum viel zu klein war.",
        "denn die Beispiele waren gut gewählt.",
    ),
    "fr": (
        "et nous reviendrons avec plaisir.",
        "mais la salle était trop petite.",
        "car les exemples étaient bien choisis.",
    ),
    "es": (
        "y volveremos con mucho gusto.",
        "aunque la sala era muy pequeña.",
        "porque los ejemplos eran muy buenos.",
    ),
}


def reviews(folder: Path) -> Path:
    """The sample data that ships with SynGen, as reviews.csv."""
    path = folder / "reviews.csv"
    with resources.as_file(resources.files("syngen") / "data" / "reviews.csv") as sample:
        shutil.copyfile(sample, path)
    return path


def tickets(folder: Path, rows: int = 60) -> Path:
    """Several texts, one with gaps, beside identifiers, dates, a category and a boolean, as tickets.csv."""
    chance = random.Random("tickets")
    records = []
    for number in range(rows):
        opened = date(2023, 1, 2) + timedelta(days=chance.randrange(600))
        subject = f"{chance.choice(_OPENINGS)} {chance.choice(_DID)} {chance.choice(_WHEN)}"
        records.append(
            {
                "ticket": f"T-{number + 1000}",
                "subject": subject,
                "message": f"{subject}. {chance.choice(_THEN)} {_number(chance)}",
                "answer": chance.choice(_ANSWERS) if chance.random() < 0.6 else "",
                "opened": opened.isoformat(),
                "topic": chance.choice(("billing", "login", "login", "hardware")),
                "escalated": chance.random() < 0.3,
            }
        )
    path = folder / "tickets.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(records[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(records)
    return path


def talks(folder: Path, rows: int = 60) -> Path:
    """Texts in three languages, with stars, a share and a remark that is mostly absent, as talks.jsonl."""
    chance = random.Random("talks")
    path = folder / "talks.jsonl"
    with path.open("w", encoding="utf-8") as file:
        for _ in range(rows):
            language = chance.choice(sorted(_SPOKEN))
            words = _SPOKEN[language]
            record: dict[str, Any] = {
                "stars": chance.randint(1, 5),
                "language": language,
                "share": round(chance.random(), 2),
                "opinion": f"{chance.choice(words[:3])} {chance.choice(words[3:])}, {chance.choice(_ENDS[language])} "
                f"{chance.choice(words[:3])} {chance.choice(words[3:])}, {chance.choice(_ENDS[language])}",
                "seats": chance.choice((None, 40, 80, 120)),
            }
            file.write(json.dumps(record, ensure_ascii=False) + "\n")
    return path


def pair(folder: Path) -> tuple[Path, Path]:
    """120 rows of the sample data, and 120 others of it with planted faults, as real.csv and made.csv."""
    with reviews(folder).open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    real, made = rows[::2][:120], [list(row) for row in rows[1::2][:120]]
    at = {name: place for place, name in enumerate(header)}
    for place in (3, 17, 40):
        made[place] = list(real[place])  # copies
    made[60] = list(made[59])  # a duplicate
    made[70][at["rating"]] = "11"
    made[71][at["rating"]] = "five"
    for place in range(80, 96):
        text = made[place][at["text"]]
        made[place][at["text"]] = f"I love this product so much. {text}"  # one opening for many
    for place in range(100, 108):
        made[place][at["text"]] = (
            "The parliament voted on the budget after a long debate about rail and road."
        )
    paths = folder / "real.csv", folder / "made.csv"
    for path, table in zip(paths, (real, made), strict=True):
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([header, *table])
    return paths


def _number(chance: random.Random) -> str:
    return (
        f"Our reference is {chance.randrange(100, 999)}, and {chance.choice(_WHEN)} we wait for your answer."
    )
