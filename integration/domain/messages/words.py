"""A text as words: put right where they were run together or spelled apart, and cut.

Most texts are ASCII, and most of what is looked for is not in them. So what is rare is looked for in the *shape* of a
text first, one character for each, by the string methods that are written in C; the patterns themselves decide. A law
holds both ways of looking to the same result (`tests/gate/test_quick_ways.py`).
"""

import re
from collections.abc import Collection, Iterator, Sequence
from functools import lru_cache
from itertools import accumulate, compress, count
from operator import add, sub
from typing import Final, NamedTuple, overload

from integration.domain.folding import reading

WORD: Final = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_CAMEL: Final = re.compile(
    r"(?=[A-Z])(?:(?<=[a-z])(?<!\bMc)(?<!\bMac)(?<!\bDe)(?<!\bLa)(?<!\bLe)(?<!\bDi)|(?<=[A-Z])(?=[A-Z][a-z]{2}))"
)
"""Where words were run together, but for names such as McDonald."""
_SPELLED: Final = re.compile(r"(?<![\w'])[A-Za-z](?:[^\w\n]{1,2}[A-Za-z]){2,}(?!\w)")
"""Three letters or more one by one: "r e l e a s e"."""
_BETWEEN: Final = re.compile(r"\W+")
_STRETCHED: Final = re.compile(r"([a-z])\1{2,}")
_BEYOND: Final = re.compile(r"[^\W\x00-\x7f]")
"""A letter or digit that is not ASCII."""
_STRAY: Final = re.compile(r"'(?:(?<![A-Za-z0-9]')|(?![A-Za-z0-9]))")
"""An apostrophe that is not inside a word."""


def _shape_of(character: str) -> str:
    if character.isalpha():
        return "A" if character.isupper() else "a"
    return "0" if character.isdigit() or character == "_" else " "


_SHAPE: Final = str.maketrans({chr(code): _shape_of(chr(code)) for code in range(128)})
_EVEN: Final = str.maketrans({chr(code): " " for code in range(128) if not chr(code).isalnum() and code != ord("'")})
_SPELLED_SHAPE: Final = re.compile(" a {1,2}a {1,2}a(?![a0])")
"""What every text has in its shape in which letters stand one by one."""


class Word(NamedTuple):
    """One word of a text."""

    text: str
    """Folded, without apostrophes."""
    start: int
    end: int
    """Where it stands in the text as read."""


@lru_cache(maxsize=64)
def as_read(text: str) -> str:
    """Return a text as it reads, with words that were run together or spelled apart put right."""
    plain = reading(text)
    if not plain.isascii():
        return _joined_letters(_CAMEL.sub(" ", plain))
    shape = plain.translate(_SHAPE)
    if "aA" in shape or "AAaa" in shape:
        plain = _CAMEL.sub(" ", plain)
        shape = plain.translate(_SHAPE)
    shape = f" {shape.lower()}"
    # The pattern is slow over a long text, and each of its texts has one of these.
    spelled = (" a a" in shape or " a  a" in shape) and _SPELLED_SHAPE.search(shape)
    return _joined_letters(plain) if spelled else plain


def _joined_letters(text: str) -> str:
    return _SPELLED.sub(lambda letters: _joined(letters.group()), text)


def _joined(letters: str) -> str:
    plain = _BETWEEN.sub("", letters)
    # "a. b. c." of a list stays as it is; a word of one letter each is a word.
    return plain if len(set(plain)) > 1 else letters


class Words(Sequence[Word]):
    """The words of a text. Where they stand is worked out when it is first asked for: most texts hold nothing there."""

    __slots__ = ("_even", "_folded", "_spans", "distinct", "hold_digits", "listed", "texts")

    def __init__(self, folded: str) -> None:
        """Args: ``folded`` is the text without case, a character for each of the text as read."""
        self._folded = folded
        self._even = even = _evened(folded)
        self._spans: tuple[list[int], list[int]] | None = None
        if even is None:
            texts = [word.replace("'", "") for word in WORD.findall(folded)]
        else:
            texts = even.replace("'", "").split()
        distinct = set(texts)
        listed = "\n".join(distinct)
        if _STRETCHED.search(listed):
            pairs = zip(listed.split("\n"), _STRETCHED.sub(r"\1", listed).split("\n"), strict=True)
            short = {word: squeezed for word, squeezed in pairs if word != squeezed}
            texts = list(map(short.get, texts, texts))
            distinct = set(map(short.get, distinct, distinct))
            listed = "\n".join(distinct)
        self.texts = texts
        """Every word's text, in order."""
        self.distinct = distinct
        """The same, once each."""
        self.listed = listed
        """The same, as one text, a line each."""
        self.hold_digits = not listed.replace("\n", "").isalpha()
        """Whether a character of a word is no letter."""

    @property
    def starts(self) -> list[int]:
        """Where each word begins."""
        return self._found()[0]

    def places(self, wanted: Collection[str]) -> list[int]:
        """Return the places of some words."""
        return list(compress(count(), map(wanted.__contains__, self.texts))) if wanted else []

    def _found(self) -> tuple[list[int], list[int]]:
        if self._spans is None:
            if self._even is None:
                spans = [match.span() for match in WORD.finditer(self._folded)]
                self._spans = [start for start, _ in spans], [end for _, end in spans]
            else:
                sizes = list(map(len, self._even.split(" ")))
                # A piece ends after all pieces up to it and the spaces between them.
                ends = list(compress(map(add, accumulate(sizes), count()), sizes))
                self._spans = list(map(sub, ends, filter(None, sizes))), ends
        return self._spans

    def __len__(self) -> int:
        """Return the number of words."""
        return len(self.texts)

    @overload
    def __getitem__(self, at: int) -> Word: ...
    @overload
    def __getitem__(self, at: slice) -> list[Word]: ...
    def __getitem__(self, at: int | slice) -> Word | list[Word]:
        """Return a word, or several."""
        starts, ends = self._found()
        if isinstance(at, slice):
            return list(map(Word, self.texts[at], starts[at], ends[at]))
        return Word(self.texts[at], starts[at], ends[at])

    def __iter__(self) -> Iterator[Word]:
        """Yield every word."""
        return map(Word, self.texts, *self._found())


def cut(text: str) -> Words:
    """Cut a text, as `as_read` returns it, into words."""
    folded = text.casefold()
    if len(folded) != len(text):
        folded = text.lower() if len(text.lower()) == len(text) else text
    return Words(folded)


def _evened(folded: str) -> str | None:
    """Return a text with a space for every character that is in no word; None where words have letters beyond ASCII."""
    if not folded.isascii():
        if _BEYOND.search(folded):
            return None
        folded = folded.encode("ascii", "replace").decode("ascii")  # "?" for signs, which are in no word either
    even = folded.translate(_EVEN)
    return _STRAY.sub(" ", even) if "'" in even else even
