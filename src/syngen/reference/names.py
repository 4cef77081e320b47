"""What a column's name says. Names only settle what the values leave open."""

from __future__ import annotations

import re

_KEY = re.compile("id|ids|uid|uuid|guid|pk|sku|isbn|ean|upc|gtin|identifier|handle|username|nickname")
_REFERENCE_NUMBER = re.compile("number|no|nr|num|nummer|code|key|ref|reference|index|idx|barcode")
_PERSON = re.compile(
    "(?:user|customer|author|member|client|person|patient|account|employee|student|reader|buyer|subscriber)(?:id)?"
)
_GLUED_KEY = re.compile(
    "(?:item|product|order|post|doc|article|message|session|ticket|job|case|row|record)id"
)
_CATEGORY = re.compile(
    "category|categories|genre|topic|subject|department|section|product|theme|"
    "kategorie|rubrik|thema|categorie|catégorie|categoria|categoría|sujet|tema|категория|тема|类别|分类|カテゴリー?"
)


def tokens(name: str) -> list[str]:
    """The words of a name in lower case: "userID" and "user_id" are both user and id."""
    parted = re.sub(r"(?<=[a-z\d])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", name)
    return re.findall(r"[^\W_]+", parted.lower())


def means_key(name: str) -> bool:
    """Whether a name is that of a key, such as "id" or "orderId"."""
    return (
        _any(name, _KEY)
        or _any(name, _GLUED_KEY)
        or any(word.endswith("id") and _PERSON.fullmatch(word) for word in tokens(name))
    )


def means_reference_number(name: str) -> bool:
    """Whether a name may be that of a running number, such as "invoice no"."""
    return any(map(_REFERENCE_NUMBER.fullmatch, tokens(name)[-1:]))


def means_person(name: str) -> bool:
    """Whether a name speaks of a person, such as "author_id"."""
    return _any(name, _PERSON)


def means_category(name: str) -> bool:
    """Whether a name says what the rows are about, such as "category" or "productType"."""
    return _any(name, _CATEGORY)


def _any(name: str, pattern: re.Pattern[str]) -> bool:
    return any(map(pattern.fullmatch, tokens(name)))


def humanised(label: str) -> str:
    """A label as people would write it: underscores and runs of spaces become one space."""
    return re.sub(r"[_\s]+", " ", label).strip()
