"""Finding listed phrases in a text, in one pass over its words, the longest phrase at each place alone."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, Generic, NamedTuple, TypeVar

from integration.domain.folding import reading

_T = TypeVar("_T")
WORD: Final = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_CAMEL: Final = re.compile(
    r"(?=[A-Z])(?:(?<=[a-z])(?<!\bMc)(?<!\bMac)(?<!\bDe)(?<!\bLa)(?<!\bLe)(?<!\bDi)|(?<=[A-Z])(?=[A-Z][a-z]{2}))"
)
"""Where words were run together, but for names such as McDonald."""
_SPELLED: Final = re.compile(r"(?<![\w'])[A-Za-z](?:[^\w\n]{1,2}[A-Za-z]){2,}(?!\w)")
"""Three letters or more one by one: "r e l e a s e"."""
_BETWEEN: Final = re.compile(r"\W+")
_STRETCHED: Final = re.compile(r"([a-z])\1{2,}")
_ODD: Final = re.compile(r"'|([a-z])\1{2,}")
_LONGEST_STEM: Final = 24
_MOST_KNOWN: Final = 50_000
"""Words that are remembered."""
_LONGEST: Final = 7
"""Words of the longest phrase that is looked for."""


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
    return _SPELLED.sub(lambda letters: _joined(letters.group()), _CAMEL.sub(" ", reading(text)))


def _joined(letters: str) -> str:
    plain = _BETWEEN.sub("", letters)
    # "a. b. c." of a list stays as it is; a word of one letter each is a word.
    return plain if len(set(plain)) > 1 else letters


def cut(text: str) -> list[Word]:
    """Cut a text, as `as_read` returns it, into words."""
    folded = text.casefold()
    if len(folded) != len(text):
        folded = text.lower() if len(text.lower()) == len(text) else text
    # Tuples made directly: a mail of 20 kB has 3,500 words, and is cut more than once.
    words = [_NEW(Word, (match.group(), *match.span())) for match in WORD.finditer(folded)]
    for at in _odd_ones(folded, words):
        word = words[at]
        words[at] = Word(_STRETCHED.sub(r"\1", word.text.replace("'", "")), word.start, word.end)
    return words


_NEW: Final = tuple.__new__


def _odd_ones(folded: str, words: list[Word]) -> set[int]:
    """Return which words hold an apostrophe or a letter three times in a row; most texts have few."""
    places = [match.start() for match in _ODD.finditer(folded)]
    if not places:
        return set()
    starts = [word.start for word in words]
    return {at for place in places if (at := bisect_right(starts, place) - 1) >= 0 and place < words[at].end}


@dataclass(slots=True)
class _Node(Generic[_T]):
    onward: dict[str, "_Node[_T]"] = field(default_factory=dict)
    stems: dict[str, "_Node[_T]"] = field(default_factory=dict)
    says: list[_T] = field(default_factory=list)


class Lexicon(Generic[_T]):
    """Phrases and what they say. Built once, then only read."""

    def __init__(self, phrases: Iterable[tuple[str, _T]]) -> None:
        """Args: ``phrases`` are lists apart by commas, each with what every phrase of it says."""
        self._root: _Node[_T] = _Node()
        self._first: dict[str, tuple[_Node[_T], ...]] = {}
        """What a word may begin, for the words that were met: most begin nothing."""
        for listed, says in phrases:
            for phrase in listed.split(","):
                if words := phrase.split():
                    self._add(words, says)

    def _add(self, words: list[str], says: _T) -> None:
        node = self._root
        for word in words:
            plain = re.sub(r"\W", "", word.removesuffix("*"))
            children = node.stems if word.endswith("*") else node.onward
            node = children.setdefault(plain, _Node())
        if says not in node.says:
            node.says.append(says)

    def matches(self, words: list[Word]) -> Iterator[tuple[int, int, list[_T]]]:
        """Yield (first, after, what it says) of the phrases in a text, left to right, without overlap."""
        known = self._first
        after = 0
        # A word that was not met before may begin something; most that were met begin nothing.
        for at in [at for at, word in enumerate(words) if known.get(word[0], True)]:
            if at >= after and (begun := self._begun(words[at].text)):
                found = self._longest(self._root, words, at, 0, begun)
                if found is not None:
                    after, says = found
                    yield at, after, says

    def _begun(self, word: str) -> tuple[_Node[_T], ...]:
        begun = self._first.get(word)
        if begun is None:
            if len(self._first) > _MOST_KNOWN:
                self._first.clear()
            begun = self._first[word] = tuple(_children(self._root, word))
        return begun

    def _longest(
        self,
        node: _Node[_T],
        words: list[Word],
        at: int,
        depth: int,
        children: Iterable[_Node[_T]] | None = None,
    ) -> tuple[int, list[_T]] | None:
        best = (at, node.says) if node.says and depth else None
        if at == len(words) or depth == _LONGEST:
            return best
        word = words[at].text
        for child in _children(node, word) if children is None else children:
            found = self._longest(child, words, at + 1, depth + 1)
            if found is None:
                continue
            if best is None or found[0] > best[0]:
                best = found
            elif found[0] == best[0]:
                best = (best[0], [*best[1], *(says for says in found[1] if says not in best[1])])
        return best

    def __contains__(self, word: str) -> bool:
        """Tell whether one word alone says something."""
        return any(child.says for child in _children(self._root, word))


def _children(node: _Node[_T], word: str) -> Iterator[_Node[_T]]:
    exact = node.onward.get(word)
    if exact is not None:
        yield exact
    if node.stems:
        for size in range(2, min(len(word), _LONGEST_STEM) + 1):
            stem = node.stems.get(word[:size])
            if stem is not None:
                yield stem
