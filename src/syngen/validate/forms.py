"""Make the checks that are learnt from the real texts: forms they never have, and how they end.

A form, such as `[city]` or a code, is looked for only where real texts hardly ever have it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from syngen.text.words import sentences, words

MOST_REAL = 0.01  # share of real texts above which a form is theirs too; one alone never counts
ENOUGH = 30  # real texts from which it shows how they end, and how short they are
FEWEST_TO_END = 5  # words of a text that is expected to end like a sentence
OFTEN, AT_ENDS = 20, 0.01  # a word as frequent that hardly ever ends a sentence is not the last one of a text

_REMARKS = "sic|edit|edited|update|updated|laughs?|spoilers?|redacted|deleted|removed|censored|applause|music"
_TAGS = "br|p|b|i|u|s|em|strong|a|ul|ol|li|h[1-6]|span|div|img|hr|su[bp]|small|code|pre|del|table|t[rdh]|font"
_PLACEHOLDERS = (
    re.compile(rf"\[(?!(?:{_REMARKS})\])[a-z]{{2,20}}(?:[ _-][a-z]{{1,20}})?\]"),
    re.compile(rf"\[(?!(?i:{_REMARKS})\])[A-Z][A-Za-z]{{2,20}}(?:[ _][A-Za-z]{{2,20}}){{0,2}}\]"),
    re.compile(r"(?<!\w)\{[A-Za-z][\w -]{1,30}\}"),
    re.compile(rf"<(?!/?(?i:{_TAGS})\b)[A-Za-z][\w -]{{1,30}}>"),
    re.compile(r"\bX{4,}\b|\bXX/XX/XX"),
    re.compile(r"_{4,}"),
    re.compile(r"(?<![\w%])%[sd]\b"),
)
_DEBRIS = (
    re.compile(r"\\(?:[nrt\"/]|u[0-9a-fA-F]{4})"),
    re.compile(r"\{\s*[\"'\\]|\[\s*[{\"]"),
)
_UNOPENED = (
    re.compile(  # two closing brackets, or one after a quote or at the end; of an emoticon it is a mouth
        r"[}\]][\s,;\"')]*[}\]]|[\"”][\s,]*[}\]]|(?<![:;=8xX^-])[}\]][\s,;.\"')]*\Z"
    )
)
_CODES = (
    re.compile(r"(?<!\w)@\w{0,30}\d{4}\w{0,20}"),
    re.compile(r"(?<![\w/.-])[A-Za-z]{2,20}\d{6}\w{0,20}"),
    re.compile(r"(?<![\w/.-])(?=[A-Za-z]{0,20}\d)(?=\d{0,20}[A-Za-z])[A-Za-z\d]{14,40}"),
    re.compile(r"(?<![\d.,])\d{12,40}"),
)
_OPEN_ENDS = ",&+/(«„“‘[{–—-"  # no text ends with these marks
_SCRIPT_WITHOUT_SPACES = re.compile("[\u0e00-\u0eff\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")

PLACEHOLDER = "placeholder"  # the one reason that is part of another, `template_leftover`

Find = Callable[[str], str | None]


def learnt(real: Sequence[str]) -> Mapping[str, Find]:
    """Make the checks by reason: each returns a sentence that says what is wrong with a text, or None.

    Args:
        real: Real texts of the column.
    """
    return {
        PLACEHOLDER: _any_of(_PLACEHOLDERS, real, "It holds the placeholder {!r}."),
        "format_debris": _debris(real),
        "code_run": _any_of(_CODES, real, "It holds the code {!r}."),
        "unfinished": _unfinished(real),
    }


def _any_of(forms: Sequence[re.Pattern[str]], real: Sequence[str], sentence: str) -> Find:
    foreign = [form for form in forms if _rare(sum(form.search(text) is not None for text in real), real)]

    def check(text: str) -> str | None:
        found = next((match for form in foreign if (match := form.search(text))), None)
        return sentence.format(found[0]) if found else None

    return check


def _debris(real: Sequence[str]) -> Find:
    """Find what is left of the JSON around a text: brackets that nothing opens, escapes."""
    escapes = _any_of(_DEBRIS, real, "It holds {!r}, a piece of JSON.")

    def unopened(text: str) -> str | None:
        more = text.count("}") > text.count("{") or text.count("]") > text.count("[")
        match = _UNOPENED.search(text) if more else None
        return f"It holds {match[0].strip()!r}, which nothing opens." if match else None

    known = not _rare(sum(unopened(text) is not None for text in real), real)
    return lambda text: (None if known else unopened(text)) or escapes(text)


def _unfinished(real: Sequence[str]) -> Find:
    """Find a text that ends within a sentence.

    It ends without a mark where real texts nearly always have one, or with a word that hardly ever ends a sentence
    of a real text, such as `the`, in any language.
    """
    counts: Counter[str] = Counter()
    last: Counter[str] = Counter()
    for text in real:
        for sentence in sentences(text):
            tokens = words(sentence.lower())
            counts.update(tokens)
            last[tokens[-1]] += 1
    inner = {word for word, count in counts.items() if count >= OFTEN and last[word] <= AT_ENDS * count}

    def unmarked(text: str) -> bool:
        return text[-1:].isalpha() or text[-1:] in _OPEN_ENDS

    long = [text.rstrip() for text in real if len(words(text)) >= FEWEST_TO_END]
    marked = len(long) >= ENOUGH and _rare(sum(map(unmarked, long)), long)

    def check(text: str) -> str | None:
        text = text.rstrip()
        if not unmarked(text) or len(tokens := words(text)) < FEWEST_TO_END:
            return None
        end = " ".join(tokens[-3:])
        if marked or (tokens[-1].lower() in inner and not _SCRIPT_WITHOUT_SPACES.search(text[-1])):
            return f"It ends within a sentence: {end!r}."
        return None

    cut = sum(check(text) is not None for text in real)  # such as all at the same length
    return check if cut <= MOST_REAL * len(real) else lambda _text: None


def _rare(count: int, real: Sequence[str]) -> bool:
    return count <= max(1, MOST_REAL * len(real))
