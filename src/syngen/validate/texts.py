"""Check texts for the typical faults of models, one small function each, in a registry by reason.

A check takes a `Text` and returns a sentence that says what is wrong, or None. Each is tried on the real texts
first (`fitting_checks`) and left out where these fail it: data with `[NAME]` in it keeps its brackets.
"""

from __future__ import annotations

import re
import zlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from syngen.text.format import counted
from syngen.text.language import language_of, other_language
from syngen.text.ngrams import plain
from syngen.text.words import count_words
from syngen.types import Prompt
from syngen.validate.forms import PLACEHOLDER, learnt

MOST_REAL_BREAKS = 0.01  # share of real texts above which a check is left out
LONGER = 3  # times the longest real text, or the words asked for
SHORTER = 5  # parts of the shortest real text, or of the words asked for
ECHO = 8  # words in a row from the instructions
SHORTEST_ECHO = 4  # words of a text that stands in the instructions as a whole
LOOP_WORDS, LOOP_TIMES = 8, 4  # a phrase four times in a row, eight words or more in all
LOOP_SHARE = 0.45  # of a text's runs of three words that came before in it; .5 in a text said twice
LOOP_RATIO = 0.2  # zlib-compressed size over size; real texts stay above .3
LOOP_SIZE = 300  # bytes under which the ratio says nothing
FEWEST_WORDS = 20  # the language of shorter texts is too uncertain
CLEAR = 5.0  # log odds for another language; sentences in one score 18 and more, real texts 0
USUAL = 0.02  # of the real texts hold a word that is usual: what a few in another language say is not
KNOWN = 0.5  # of a text's words: texts in another language share a tenth with the real ones
LONGEST_PERIOD = 12  # words of a phrase looked for; longer ones show in the share

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffd\ufffe\uffff]")
_PLACEHOLDER = re.compile(
    r"\[(?:insert|your|enter|add|product|company|brand|customer|user|item|store|shop|name|model|city|location"
    r"|date|number|price|topic|author|title|link|url)\b[^\[\]\n]{0,40}\]"
    r"|(?-i:\[[A-Z][a-z]+(?: [A-Z][a-z]+){1,3}\])|\{\{[^{}\n]{0,60}\}\}|\{%|\$\{\w+\}|(?<!\w)\{[a-z_]{2,30}\}"
    r"|<(?:text|title|name|product|brand|company|string|value|placeholder|[a-z]+[ _][a-z_ ]{1,30})>"
    r"|<\|[^|\n]{1,40}\|>|</s>|\[/?INST\]|<(?:start|end)_of_turn>|</?think>|<(?:unk|pad|bos|eos)>"
    r"|###\s*(?:instruction|response|input|example)|\blorem ipsum\b",
    re.IGNORECASE,
)
_ASSISTANT = re.compile(
    r"\bas an? (?:ai\b|(?:large )?language model)|\bi(?:'|’)?m an? (?:ai\b|(?:large )?language model)"
    r"|\bi am an? (?:ai\b|(?:large )?language model)"
    r"|\A\W*(?:sure|certainly|absolutely|of course|okay)[,!.]? (?:here(?:'|’)?s|here (?:is|are))\b"
    r"|\bi(?:'|’)?m sorry,? but i (?:can(?:'|’)?t|cannot) (?:help|assist|fulfil|comply|provide|generate|write)",
    re.IGNORECASE,
)
_JSON = re.compile(r"\\?\"[\w .-]{1,40}\\?\"\s*:\s*(?:\\?\"|[\[{\d]|null\b|true\b|false\b)")
# In any match stands one of these; looking for them takes a tenth of the time. Of texts in ASCII, whose lower
# case is what the patterns ignore the case by.
_PLACEHOLDER_SIGNS = ("[", "{", "<", "###", "lorem")
_ASSISTANT_SIGNS = (" ai", "model", "here", "sorry")


@dataclass(frozen=True, slots=True)
class Text:
    """A text with what its checks need."""

    value: str  # the text
    plain: str  # its lower-case words with single spaces between them
    main: bool  # whether it is of the column that carries the text
    most_words: int  # more words are too many
    most_characters: int  # the same for characters
    fewest_words: int = 0  # fewer words are too few
    instructions: str = ""  # the plain words of the prompt, see `instructions`
    # Returns the plain words of the real rows in the prompt, which are no instructions
    shown: Callable[[], str] = str


Check = Callable[[Text], str | None]


def control_characters(text: Text) -> str | None:
    """Find NUL and other control characters, halves of surrogate pairs, marks of undecodable bytes."""
    match = _CONTROL.search(text.value)
    return f"It holds the character U+{ord(match[0]):04X}." if match else None


def too_long(text: Text) -> str | None:
    """Find a text far longer than any real one and than its target."""
    words = text.plain.count(" ") + 1
    if words > text.most_words:
        return f"It has {words} words, more than {text.most_words}."
    if len(text.value) > text.most_characters:
        return f"It has {len(text.value)} characters, more than {text.most_characters}."
    return None


def too_short(text: Text) -> str | None:
    """Find a text far shorter than nearly all real ones and than its target."""
    if (
        text.plain.count(" ") + 1 >= text.fewest_words
        or (words := count_words(text.value)) >= text.fewest_words
    ):
        return None
    return f"It has {counted(words, 'word')}, fewer than {text.fewest_words}."


def no_words(text: Text) -> str | None:
    """Find a main text of nothing but punctuation; emoji and all scripts count as content."""
    if not text.main or text.plain or any(char > "\u2190" for char in text.value):
        return None
    return "It has no words."


def template_leftover(text: Text) -> str | None:
    """Find placeholders that were not filled in, and marks of the model's chat template."""
    match = _PLACEHOLDER.search(text.value) if _has_sign(text.value, _PLACEHOLDER_SIGNS) else None
    return f"It holds the placeholder {match[0]!r}." if match else None


def assistant_talk(text: Text) -> str | None:
    """Find phrases of an assistant in place of the writer's."""
    match = _ASSISTANT.search(text.value) if _has_sign(text.value, _ASSISTANT_SIGNS) else None
    return f"It says {match[0]!r}." if match else None


def leaked_format(text: Text) -> str | None:
    """Find JSON keys inside the text."""
    match = _JSON.search(text.value)
    return f"It holds the JSON {match[0]!r}." if match else None


def loop(text: Text) -> str | None:
    """Find repetition: a phrase again and again, or hardly anything new."""
    words = text.plain.split(" ")
    threes = list(zip(words, words[1:], words[2:], strict=False))
    repeated = 1 - len(set(threes)) / len(threes) if threes else 0.0
    if len(words) >= 16 and repeated >= LOOP_SHARE:
        return f"{repeated:.0%} of its runs of three words came before in it."
    if repeated and (phrase := _in_a_row(words)):
        return f"It repeats {phrase!r} again and again."
    data = text.value.encode("utf-8", "replace")
    if len(data) >= LOOP_SIZE and len(zlib.compress(data, 1)) < LOOP_RATIO * len(data):
        return "It compresses like a repetition."
    return None


def prompt_echo(text: Text) -> str | None:
    """Find the instructions repeated as a text; words of a shown row are a copy, not an echo."""
    words = text.plain.split(" ")
    size = min(ECHO, len(words))
    if size < SHORTEST_ECHO or not text.instructions:
        return None
    for start in range(0, len(words) - SHORTEST_ECHO + 1, SHORTEST_ECHO):  # in any echo stands one of these
        if " ".join(words[start : start + SHORTEST_ECHO]) in text.instructions:
            first, last = max(0, start + SHORTEST_ECHO - size), min(start, len(words) - size)
            phrases = (" ".join(words[i : i + size]) for i in range(first, last + 1))
            for phrase in phrases:
                if phrase in text.instructions and phrase not in text.shown():
                    return f"It repeats the instructions: {phrase!r}."
    return None


CHECKS: Mapping[str, Check] = {
    "control_characters": control_characters,
    "too_long": too_long,
    "too_short": too_short,
    "no_words": no_words,
    "template_leftover": template_leftover,
    "assistant_talk": assistant_talk,
    "leaked_format": leaked_format,
    "loop": loop,
    "prompt_echo": prompt_echo,
}
LEARNT = tuple(reason for reason in learnt(()) if reason != PLACEHOLDER)  # of those made from real texts


@lru_cache(maxsize=64)
def instructions(prompt: Prompt) -> str:
    """Return the plain words of a prompt; cached, because slots of one request share their prompt.

    Line by line: prompts share most of their lines, and `plain` caches them. No word crosses a line's end.
    """
    lines = map(plain, f"{prompt.system}\n{prompt.user}".split("\n"))
    return " ".join(line for line in lines if line)


def fitting_checks(texts: Sequence[Text]) -> dict[str, Check]:
    """Choose the checks that the real texts of a column pass, those learnt from them among these.

    Args:
        texts: Some of its real texts.
    """
    made = {reason: _of_value(find) for reason, find in learnt([text.value for text in texts]).items()}
    checks = {**CHECKS, **made, "wrong_language": wrong_language(texts)}
    fitting = {reason: check for reason, check in checks.items() if not _broken(check, texts)}
    if (forms := fitting.pop(PLACEHOLDER, None)) is not None:  # to be told as one
        first = fitting.get("template_leftover", forms)
        fitting["template_leftover"] = lambda text: first(text) or forms(text)
    return fitting


def _of_value(find: Callable[[str], str | None]) -> Check:
    return lambda text: find(text.value)


def _broken(check: Check, texts: Sequence[Text]) -> bool:
    """Whether more real texts fail a check than chance would have it; one alone never counts."""
    failed = sum(check(text) is not None for text in texts)
    return failed > max(1, MOST_REAL_BREAKS * len(texts))


def _has_sign(value: str, signs: Sequence[str]) -> bool:
    if not value.isascii():
        return True
    lower = value.lower()
    return any(sign in lower for sign in signs)


def _in_a_row(words: Sequence[str]) -> str:
    """The phrase that a text repeats in a row, empty when there is none."""
    for period in range(1, LONGEST_PERIOD + 1):
        needed = max(LOOP_TIMES * period, LOOP_WORDS) - period
        same = 0
        for i in range(period, len(words)):
            same = same + 1 if words[i] == words[i - period] else 0
            if same >= needed:
                return " ".join(words[i - period + 1 : i + 1])
    return ""


def wrong_language(real: Sequence[Text]) -> Check:
    """Make the check that a text is in the language of most real ones.

    A text of which half the words are usual in the real ones passes at once. Any other is judged by its
    language, and fails only when another is clearly more likely.
    """
    texts_with = Counter(word for text in real for word in set(text.plain.split()))
    usual = {word for word, count in texts_with.items() if count >= max(2, USUAL * len(real))}
    expected = cache(lambda: language_of([text.value for text in real]))

    def check(text: Text) -> str | None:
        words = text.plain.split()
        if len(words) < FEWEST_WORDS or sum(word in usual for word in words) >= KNOWN * len(words):
            return None
        if (language := expected()) is None or (other := other_language(text.value, language, CLEAR)) is None:
            return None
        return f"It is in another language ({other}) than the real texts ({language})."

    return check
