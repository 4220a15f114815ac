"""The people on the roster, as an index that tells in a few lookups whether a text names one of them.

A name is known token by token: a family name and a given name of the same person that stand close together, in any
order and writing (``PEREZ, Juan``, ``juan_perez``, ``Juan C. Perez-Lopez``), run together or spelled apart.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import permutations
from typing import Final

from integration.domain.folding import alphanumeric, reading
from integration.domain.messages.words import Words, as_read, cut

_WINDOW: Final = 5
"""Words between which a family name and a given name belong together."""
_SHORTEST_JOINED: Final = 6
_LONGEST_JOINED: Final = 40
_SHORTEST_NUMBER: Final = 5
"""Characters of a booking number that is known without a word beside it."""
_PIECES: Final = 4
"""Words that a booking number may be cut into."""
_MOST_APART: Final = 60
"""Family names that are put together to people: more are a list, whoever has them, and take their square to pair."""
_SHORTEST_PIECE: Final = 3
"""Letters of a family name that is known as part of a longer word."""
_SHIFT: Final = 24
"""Bits of a token's number: a pair of tokens is one integer, which is small and quick to look up."""
_PARTICLES: Final = frozenset(
    "de del la las los da do dos das di du van von der den bin ibn al el y e jr sr ii iii iv".split()
)


@dataclass(frozen=True, slots=True)
class Person:
    """One person on the roster, as the booking names them."""

    family_name: str
    given_name: str
    birth_date: date | None = None
    booking: str = ""


@dataclass(frozen=True, slots=True)
class Named:
    """Who of the roster a text names. Numbers of people, never names."""

    people: frozenset[int]
    """The people named, each by a number of its own."""
    born: frozenset[int]
    """Those of them whose birth date stands there too."""
    bookings: int
    """How many booking numbers of the roster stand there."""
    words: frozenset[int]
    """Places of the words that name somebody."""


NOBODY: Final = Named(frozenset(), frozenset(), 0, frozenset())


class Roster:
    """Everybody in custody whose name, birth date or booking number is to be known again. Built once, then read."""

    def __init__(self, people: Iterable[Person] = ()) -> None:
        """Index the people. 100,000 take a few seconds and about 100 MB."""
        self._tokens: dict[str, int] = {}
        self._pairs: dict[int, int | tuple[int, ...]] = {}
        self._alone: dict[str, int] = {}
        self._heads: set[str] = set()
        """What a name of one word may begin with, in a text that parts it."""
        self._families: dict[str, list[int]] = {}
        """Who is called so, by each word of a family name."""
        self._bookings: set[str] = set()
        self._births: dict[int, date] = {}
        self._size = 0
        self.missing = False
        """Whether nobody knows who is in custody: then nothing can be shown to name none of them."""
        for person in people:
            self._add(person)

    def __len__(self) -> int:
        """Return the number of people."""
        return self._size

    def _add(self, person: Person) -> None:
        number = self._size = self._size + 1
        families, givens = _tokens(person.family_name), _tokens(person.given_name)
        if person.birth_date is not None:
            self._births[number] = person.birth_date
        if person.booking:
            self._bookings.add(alphanumeric(person.booking))
        for token in families or givens:
            self._families.setdefault(token, []).append(number)
        if not families or not givens:
            # One name alone is known by that alone, all of its tokens in a row.
            name = person.family_name if families else person.given_name
            for joined in {"".join(_words_of(reading(name))), "".join(_words_of(as_read(name)))} - {""}:
                self._alone[joined] = number
                self._heads.update(joined[:size] for size in range(1, len(joined) + 1))
            return
        for family in families:
            for given in givens:
                key = self._pair(family, given)
                before = self._pairs.get(key)
                if before is None:
                    self._pairs[key] = number
                else:
                    self._pairs[key] = (*(before if isinstance(before, tuple) else (before,)), number)[:8]

    def _pair(self, family: str, given: str) -> int:
        tokens = self._tokens
        return (tokens.setdefault(family, len(tokens)) << _SHIFT) | tokens.setdefault(given, len(tokens))

    def named_in(self, words: Words, days: frozenset[date]) -> Named:
        """Return who is named in a text.

        Args:
            words: the text, cut.
            days: the full dates in it.
        """
        if not self._size:
            return NOBODY
        people: set[int] = set()
        places: set[int] = set()
        tokens = self._tokens
        numbered = {word: number for word in words.distinct if (number := tokens.get(word)) is not None}
        known = [(at, numbered[word]) for at, word in enumerate(words.texts) if word in numbered]
        for place, (at, first) in enumerate(known):
            for other in range(place + 1, len(known)):
                next_at, second = known[other]
                if next_at - at > _WINDOW:
                    break
                for key in ((first << _SHIFT) | second, (second << _SHIFT) | first):
                    if (numbers := self._pairs.get(key)) is not None:
                        people.update(numbers if isinstance(numbers, tuple) else (numbers,))
                        places.update((at, next_at))
        self._named_alone(words, people, places)
        born = frozenset(number for number in people if self._births.get(number) in days)
        return Named(frozenset(people), born, self._booked(words), frozenset(places))

    def apart(self, words: Iterable[str]) -> frozenset[frozenset[str]]:
        """Return the family names of the roster among some words, those of one person together.

        ``Haddad Nguyen`` is two people where nobody has both names, and so is ``haddadnguyen``; the fewest people that
        they may be are told, and of more than `_MOST_APART` names each by itself. A given name says nothing, unless
        somebody has it for a family name.

        Args:
            words: in small letters.
        """
        families = self._families
        pieces = {piece for word in words for piece in self._pieces(word.replace("'", ""))}
        known = sorted(piece for piece in pieces if piece in families)
        if len(known) > _MOST_APART:
            return frozenset(frozenset({piece}) for piece in known)
        called: dict[int, set[str]] = {}
        for family in known:
            for number in families[family]:
                called.setdefault(number, set()).add(family)
        numbered = [(piece, self._tokens[piece]) for piece in known if piece in self._tokens]
        for (family, first), (given, second) in permutations(numbered, 2):
            found = self._pairs.get((first << _SHIFT) | second, ())
            for number in found if isinstance(found, tuple) else (found,):
                called[number] |= {family, given}
        groups: set[frozenset[str]] = set()
        left = frozenset(known)
        while left:
            one = max((left & each for each in called.values()), key=len)
            groups.add(one)
            left -= one
        return frozenset(groups)

    def _pieces(self, word: str) -> list[str]:
        """Return a word, or the family names that it is made of."""
        if word in self._families or len(word) > _LONGEST_JOINED:
            return [word]
        ways: dict[int, list[str]] = {0: []}
        for end in range(_SHORTEST_PIECE, len(word) + 1):
            for start in range(end - _SHORTEST_PIECE + 1):
                if start in ways and word[start:end] in self._families:
                    ways[end] = [*ways[start], word[start:end]]
                    break
        return ways.get(len(word), [word])

    def _named_alone(self, words: Words, people: set[int], places: set[int]) -> None:
        """Find people of one name, and names that were run together; each word is looked at once."""
        texts = words.texts
        heads = words.distinct & self._heads
        for at in [at for at, word in enumerate(texts) if word in heads] if heads else ():
            for size in range(2, _PIECES):
                if (number := self._alone.get("".join(texts[at : at + size]))) is not None:
                    people.add(number)
                    places.update(range(at, min(at + size, len(texts))))
        named = {word: numbers for word in words.distinct if (numbers := self._numbers_of(word))}
        for numbers in named.values():
            people.update(numbers)
        if named:
            places.update(at for at, word in enumerate(texts) if word in named)

    def _numbers_of(self, word: str) -> tuple[int, ...]:
        alone = self._alone.get(word)
        if alone is not None:
            return (alone,)
        tokens = self._tokens
        if not _SHORTEST_JOINED <= len(word) <= _LONGEST_JOINED or word in tokens:
            return ()
        for middle in range(2, len(word) - 1):
            left = tokens.get(word[:middle])
            right = None if left is None else tokens.get(word[middle:])
            if left is None or right is None:
                continue
            found = self._pairs.get((left << _SHIFT) | right) or self._pairs.get((right << _SHIFT) | left)
            if found is not None:
                return found if isinstance(found, tuple) else (found,)
        return ()

    def _booked(self, words: Words) -> int:
        """Count booking numbers, also those that hyphens or spaces cut into words. Each holds a digit."""
        texts = words.texts
        numbers = {word for word in words.distinct if not word.isalpha()} if self._bookings else ()
        if not numbers:
            return 0
        found = 0
        starts = {at - back for at, word in enumerate(texts) if word in numbers for back in range(min(_PIECES, at + 1))}
        for at in starts:
            joined = ""
            for word in texts[at : at + _PIECES]:
                joined += word
                found += len(joined) >= _SHORTEST_NUMBER and joined in self._bookings
        return found


def _missing() -> Roster:
    roster = Roster()
    roster.missing = True
    return roster


MISSING: Final = _missing()
"""There should be a roster, and there is none yet."""


def _tokens(name: str) -> list[str]:
    """Return the words of a name, and those that its capitals part: a text parts ``DelaCruz`` in two."""
    seen = reading(name)
    tokens = _words_of(seen)
    if not (seen.isalpha() and (seen.isupper() or seen.istitle())):  # As nearly every word of a name is written.
        tokens += _words_of(as_read(name))
    return list(dict.fromkeys(tokens))


def _words_of(name: str) -> list[str]:
    tokens = [word.text for word in cut(name)]
    return [token for token in dict.fromkeys(tokens) if len(token) > 1 and token not in _PARTICLES]
