"""Find what can identify a person or an order: e-mail addresses, links, handles, long numbers, codes.

No dictionary and no model of names: only forms that are copied whole or not at all. A caller that knows in how
many real texts such a string stands decides whether it belongs to somebody.
"""

from __future__ import annotations

import re

DIGITS = 7  # fewest of a number; as many at its end identify it, whatever country code it has

_SIGN = re.compile(r"[@\d]|www\.|https?:", re.IGNORECASE)  # stands in each of them
# Matches are bounded, or begin where no longer match could: the time is linear in the length of the text.
_EMAIL = re.compile(r"(?<!\w)\w{1,64}(?:[.+-]\w{1,64}){0,8}@[\w-]{1,64}(?:\.[\w-]{1,64}){1,8}")
_LINK = re.compile(r"(?:https?://|www\.)([^\s\"'<>]+)")
_HANDLE = re.compile(r"(?<!\w)@\w{3,}")
_NUMBER = re.compile(r"\d(?:[ ()./-]{0,2}\d){6,}")
_CODE = re.compile(r"(?<![^\W_])(?=[a-z]*\d)(?=\d*[a-z])[a-z\d]{8,64}(?![^\W_])", re.ASCII)
_ORDINARY = re.compile(  # dates, ranges of years, decimal numbers
    r"(?<![\d./-])(?:"
    r"(?:19|20)\d\d[./-]\d\d?[./-]\d\d?"
    r"|\d\d?[./-]\d\d?[./-](?:19|20)?\d\d"
    r"|(?:19|20)\d\d ?[/-] ?(?:19|20)\d\d"
    r"|(?:19|20)\d\d(?:0\d|1[0-2])(?:[0-2]\d|3[01])"
    r"|\d+\.\d+"
    r")(?![./-]?\d)"
)


def pointers(text: str) -> set[str]:
    """Find the strings in a text that can identify somebody, in one spelling each.

    Lower case; links without `https://www.` and without a slash at the end; of numbers of seven digits or more,
    dates and ranges of years apart, the last seven digits.

    >>> sorted(pointers("Order 112-3940215 by Jo@shop.example on 2024-01-15, size 10, 5'4, code xk42q9zt."))
    ['3940215', 'jo@shop.example', 'xk42q9zt']
    """
    if not _SIGN.search(text):
        return set()
    text = text.lower()
    found = set(_EMAIL.findall(text)) | set(_HANDLE.findall(text))
    found.update(link.removeprefix("www.").rstrip(".,;:!?)/") for link in _LINK.findall(text))
    found.update(code for code in _CODE.findall(text) if _is_mixed(code))
    for number in _NUMBER.findall(_ORDINARY.sub(" ; ", text)):
        found.update(_ends(number))
    return found


def _is_mixed(code: str) -> bool:
    """Whether letters and digits alternate, or a few letters precede a number; not a word or an amount."""
    parts = re.findall(r"\d+|\D+", code)
    digits = sum(map(str.isdigit, code))
    if len(parts) > 2:
        return digits > 2 and not re.fullmatch(r"\d+x\d+", code)
    return len(parts[0]) < 4 <= digits and not parts[0].isdigit()


def _ends(number: str) -> set[str]:
    """The last digits of a number, and of each that stands in it without anything between its digits.

    Where all are short, as in a list of sizes, it is none, but for telephone numbers that are set in pairs.
    """
    groups = re.findall(r"\d+", number)
    ends = {group[-DIGITS:] for group in groups if len(group) >= DIGITS}
    if max(map(len, groups)) > 2 or (groups[0][0] == "0" and len(groups) > 4):
        ends.add("".join(groups)[-DIGITS:])
    return ends
