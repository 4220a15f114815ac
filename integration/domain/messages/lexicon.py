"""Finding listed phrases in a text, in one pass over its words, the longest phrase at each place alone."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar

from integration.domain.messages.words import Words

_T = TypeVar("_T")
_LONGEST_STEM: Final = 24
_HEAD: Final = 3
"""Characters of the shortest stem."""
_MOST_KNOWN: Final = 10_000
"""Words that are remembered for the beginning of a phrase."""
_MOST_ONWARD: Final = 200
"""And for one place inside of phrases."""
_LONGEST: Final = 7
"""Words of the longest phrase that is looked for."""


@dataclass(slots=True)
class _Node(Generic[_T]):
    onward: dict[str, "_Node[_T]"] = field(default_factory=dict)
    stems: dict[str, "_Node[_T]"] = field(default_factory=dict)
    says: list[_T] = field(default_factory=list)


class _State(dict[str, "_State[_T] | None"]):
    """Where one may be after some words: every node that they lead to. Words that were met lead on at once."""

    __slots__ = ("heads", "most", "nodes", "said", "says")

    def __init__(self, nodes: list[_Node[_T]], most: int) -> None:
        """Args: ``most`` words are remembered."""
        super().__init__()
        self.nodes = nodes
        self.most = most
        self.says: list[_T] = []
        """What the words say up to here."""
        for node in nodes:
            self.says += [each for each in node.says if each not in self.says]
        self.said = frozenset(word for node in nodes for word in node.onward)
        """Words that lead on."""
        self.heads = frozenset(stem[:_HEAD] for node in nodes for stem in node.stems)
        """How the words begin that lead on by their stem."""

    def __missing__(self, word: str) -> "_State[_T] | None":
        """Work out where a word leads to that was not met before. Not asked for those that lead nowhere."""
        nodes = [child for node in self.nodes for child in _children(node, word)]
        state: _State[_T] | None = _State(nodes, _MOST_ONWARD) if nodes else None
        if len(self) >= self.most:
            self.clear()
        self[word] = state
        return state


class Lexicon(Generic[_T]):
    """Phrases and what they say. Built once, then only read."""

    def __init__(self, phrases: Iterable[tuple[str, _T]]) -> None:
        """Args: ``phrases`` are lists apart by commas, each with what every phrase of it says."""
        root: _Node[_T] = _Node()
        for listed, says in phrases:
            for phrase in listed.split(","):
                if words := phrase.split():
                    _add(root, words, says)
        self._root = _State([root], _MOST_KNOWN)

    def matches(self, words: Words) -> Iterator[tuple[int, int, list[_T]]]:
        """Yield (first, after, what it says) of the phrases in a text, left to right, without overlap."""
        root, texts, distinct = self._root, words.texts, words.distinct
        heads = root.heads
        may_begin = root.said & distinct
        if heads:
            may_begin |= {word for word in distinct if word[:_HEAD] in heads}
        begun = {
            word: state
            for word in may_begin
            # Of most words that begin a phrase, none of those that go on with it is there.
            if (state := root[word]) is not None and (state.says or state.heads or not state.said.isdisjoint(distinct))
        }
        after, last = 0, len(texts) - 1
        for at in words.places(begun):
            if at < after:
                continue
            state = begun[texts[at]]
            if not state.heads and (at == last or texts[at + 1] not in state.said):
                if state.says:  # The word alone, as it is nearly always.
                    after = at + 1
                    yield at, after, state.says
            else:
                found = _longest(state, texts, at)
                if found is not None:
                    after, says = found
                    yield at, after, says

    def __contains__(self, word: str) -> bool:
        """Tell whether one word alone says something."""
        root = self._root
        state = root[word] if word in root.said or word[:_HEAD] in root.heads else None
        return state is not None and bool(state.says)


def _add(root: _Node[_T], words: list[str], says: _T) -> None:
    node = root
    for word in words:
        plain = re.sub(r"\W", "", word.removesuffix("*"))
        if word.endswith("*") and not _HEAD <= len(plain) <= _LONGEST_STEM:
            raise ValueError(f"a stem has {_HEAD} to {_LONGEST_STEM} characters: {word}")
        children = node.stems if word.endswith("*") else node.onward
        node = children.setdefault(plain, _Node())
    if says not in node.says:
        node.says.append(says)


def _longest(state: _State[_T], texts: list[str], at: int) -> tuple[int, list[_T]] | None:
    """Return the end of the longest phrase that begins here, and what it says."""
    best = None
    end = min(len(texts), at + _LONGEST)
    while True:
        at += 1
        if state.says:
            best = at, state.says
        if at == end:
            return best
        word = texts[at]
        if word not in state.said and (not state.heads or word[:_HEAD] not in state.heads):
            return best
        onward = state[word]
        if onward is None:
            return best
        state = onward


def _children(node: _Node[_T], word: str) -> Iterator[_Node[_T]]:
    exact = node.onward.get(word)
    if exact is not None:
        yield exact
    if node.stems:
        for size in range(_HEAD, min(len(word), _LONGEST_STEM) + 1):
            stem = node.stems.get(word[:size])
            if stem is not None:
                yield stem
