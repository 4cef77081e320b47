"""What in a text can point to one person or one order: addresses, links, handles, long numbers, codes.

No dictionary and no model of names: only forms that are copied whole or not at all. Whether such a string is
anybody's own is for the caller to say, who knows in how many real texts it stands.
"""

from __future__ import annotations

import re

_POINTER = re.compile(
    r"""
      [\w.+-]+@[\w-]+(?:\.[\w-]+)+                             # an e-mail address
    | (?:https?://|www\.)[^\s"'<>]+                            # a link
    | (?<!\w)@\w{3,}                                           # a handle
    | (?<![\w.])\+?\(?\d(?:[ ()./-]{0,2}\d){6,}(?!\w)          # seven digits or more: telephones, cards, orders
    | (?<!\w)(?=[^\W\d]*\d)(?=\d*[^\W\d])\w{8,}                # letters and digits mixed, eight or more: codes
    """,
    re.VERBOSE | re.IGNORECASE,
)
_SIGN = re.compile(r"[@\d]|www\.|https?:", re.IGNORECASE)  # in each of them, and quicker to look for


def pointers(text: str) -> set[str]:
    """The strings in a text that can point to somebody, in lower case, numbers without what stands between digits.

    >>> sorted(pointers("Order 112-3940215 by Jo@shop.example, size 10, 5'4, code xk42q9zt."))
    ['1123940215', 'jo@shop.example', 'xk42q9zt']
    """
    if not _SIGN.search(text):
        return set()
    found = (match.rstrip(".,;:!?)").lower() for match in _POINTER.findall(text))
    return {string if re.search(r"[^\W\d]", string) else re.sub(r"\D", "", string) for string in found}
