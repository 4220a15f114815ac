"""Is this agency an immigration authority, or a 287(g) partner? By whole words, never by substring.

``ICE`` stands inside JUSTICE, POLICE and SERVICE, ``INS`` inside COLLINS: a substring match would hold mail to
half a county's agencies. A name is cut into words, joining words are dropped, and a listed name counts when its
words stand in a row inside it, so that a name cut off at 30 characters is still known by its beginning.
"""

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from integration.domain.folding import alphanumeric, reading

_SPELLED = re.compile(r"(?<!\w)\w(?:[^\w\n]{1,3}\w)+(?!\w)")
"""Letters one by one: "I.C.E.", "I C E", "I/C/E"."""
_DOTTED: Final = re.compile(r"(?<!\w)(?:\w\.)+\w?(?!\w)")
"""Letters with nothing but dots between them: "U.S." and "I.C.E." in "U.S. I.C.E."."""
_BETWEEN = re.compile(r"\W+")
_WORD = re.compile(r"\w+")
_JOINING = frozenset({"and", "the", "of", "for"})
_APOSTROPHE: Final = re.compile(r"(?<=\w)'(?=\w)")
_CAMEL: Final = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_STROKES: Final = re.compile(r"(?<!\w)(?=[\w|]*[A-Z])[A-Zl|]{2,}(?!\w)")
"""Capitals with a small L or a bar among them: "lCE", "|NS"."""
_MIXED: Final = re.compile(r"(?<!\w)(?=\w*\d)(?=\w*[a-z])\w{2,}(?!\w)", re.IGNORECASE)
_DIGITS: Final = str.maketrans("013458", "oieasb")
"""Digits that stand for the letters they look like: "1CE", "U5CIS"."""


_EVERYDAY: Final = (
    "ice cream, ice rink, ice rinks, ice arena, ice arenas, ice skating, ice skate, ice skates, ice hockey, ice house, "
    "ice machine, ice machines, ice maker, ice company, ice fishing, ice storm, ice storms, ice melt, ice melting, "
    "ice mountain, ice box, ice age, ice pack, ice packs, ice water, ice bag, ice bags, ice sculpture, ice dancing, "
    "ice bucket, ice road, ice roads, ice cube, ice cubes, ice sheet, ice bath, ice plunge, "
    "snow ice, dry ice, black ice, crushed ice, bagged ice, shaved ice, italian ice, vanilla ice, polar ice, "
    "cross ins, farm bureau ins, mutual ins, life ins, auto ins, health ins, dental ins, title ins, casualty ins, "
    "farm ins, property ins, liability ins, commercial ins, medical ins, ins group, ins brokers, ins claims, "
    "ins carrier"
)
"""Frozen water, and insurers; none of the words that its own offices go by ("ICE Removal").

It covers its own words: "ICE, care of the ice rink" is still the agency.
"""
_SHORTEST_RUN: Final = 3
_SHORTEST_PHRASE: Final = 10
"""Letters of the shortest listed name of several words that is known where it is written as one."""
_BESIDE: Final = (
    "agent agents officer officers hold holds detainer detainers liaison duty notify notification notifications list "
    "team unit fugops dro intake transport pickup forward fwd queries query requests request desk contact contacts"
).split()
"""Words that stand with a name of one in one word: "icedetainers"."""
_LONGEST_RUN: Final = 24
"""Letters of the shortest name that may be run together with another, and of the longest word of such names."""


@lru_cache(maxsize=4096)
def words(name: str) -> tuple[str, ...]:
    """Cut a name into comparable words.

    Case folds, ``I.C.E.`` and ``I C E`` read ``ice``; ``&``, ``and``, ``of`` and ``the`` are dropped.
    """
    visible = _APOSTROPHE.sub("", reading(name)).casefold().replace("_", " ")
    joined = _SPELLED.sub(lambda letters: _BETWEEN.sub("", letters.group()), visible)
    return tuple(word for word in _WORD.findall(joined) if word not in _JOINING)


@lru_cache(maxsize=4096)
def disguises(name: str) -> tuple[tuple[str, ...], ...]:
    """Return the ways in which a name may be meant.

    As it stands, parted where dots end ("U.S. I.C.E."), run together, with strokes or digits for letters.
    """
    seen = reading(name)
    upright = _STROKES.sub(lambda word: word.group().replace("l", "I").replace("|", "I"), seen)
    lettered = _MIXED.sub(lambda word: word.group().casefold().translate(_DIGITS), upright)
    parted = _DOTTED.sub(lambda letters: letters.group().replace(".", "") + " ", seen)
    return tuple(dict.fromkeys(words(each) for each in (name, parted, _CAMEL.sub(" ", seen), upright, lettered)))


def contains(haystack: tuple[str, ...], needle: tuple[str, ...]) -> bool:
    """Tell whether the words of ``needle`` stand in a row inside ``haystack``."""
    size = len(needle)
    return size > 0 and any(haystack[at : at + size] == needle for at in range(len(haystack) - size + 1))


def _without(haystack: tuple[str, ...], needle: tuple[str, ...]) -> tuple[str, ...]:
    """Put a gap, which no word equals, in place of ``needle`` wherever it stands."""
    size, at, kept = len(needle), 0, []
    while at < len(haystack):
        if size and haystack[at : at + size] == needle:
            kept.append("")
            at += size
        else:
            kept.append(haystack[at])
            at += 1
    return tuple(kept)


@dataclass(frozen=True, slots=True, eq=False)
class Directory:
    """Who a pack knows as one kind of agency (immigration authorities, or 287(g) partners).

    Equal only to itself: what was found out about an agency is looked up by it, and has to be found fast.
    """

    names: tuple[str, ...] = ()
    """Known by these words in a row; one that begins with ``=`` only as the whole name."""
    domains: tuple[str, ...] = ()
    oris: frozenset[str] = frozenset()
    numbers: frozenset[str] = frozenset()
    """Telephone and fax numbers, digits only, without country code."""
    not_names: tuple[str, ...] = ()
    """Names that hold a listed word and are someone else (a department of human services that is called DHS)."""
    addresses: frozenset[str] = frozenset()
    """Mail addresses, lower case, that lead to one: lists, aliases and forwards of other domains."""
    _needles: tuple[tuple[str, ...], ...] = field(init=False, repr=False, compare=False)
    _wholes: frozenset[tuple[str, ...]] = field(init=False, repr=False, compare=False)
    _exceptions: tuple[tuple[str, ...], ...] = field(init=False, repr=False, compare=False)
    _acronyms: frozenset[str] = field(init=False, repr=False, compare=False)
    _joined: frozenset[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Cut the listed names once."""
        parts = [name for name in self.names if not name.startswith("=")]
        object.__setattr__(self, "_needles", tuple(words(name) for name in parts))
        object.__setattr__(self, "_wholes", frozenset(words(name) for name in self.names if name.startswith("=")))
        everyday = tuple(words(name) for name in _EVERYDAY.split(","))
        object.__setattr__(self, "_exceptions", (*(words(name) for name in self.not_names), *everyday))
        alone = (needle[0] for needle in self._needles if len(needle) == 1)
        object.__setattr__(self, "_acronyms", frozenset(each for each in alone if len(each) >= _SHORTEST_RUN))
        # Of a name that others have too (a DHS of human services), nobody can say whose "dhsoffice" is.
        plain = self._acronyms - {word for exception in map(words, self.not_names) for word in exception}
        several = ("".join(needle) for needle in self._needles if len(needle) > 1)
        phrases = {each for each in several if len(each) >= _SHORTEST_PHRASE}
        beside = {both for name in plain | phrases for word in _BESIDE for both in (name + word, word + name)}
        object.__setattr__(self, "_joined", frozenset(phrases | beside))

    def has_name(self, name: str | None) -> bool:
        """Tell whether ``name`` is one of these agencies, in whatever disguise."""
        return bool(name) and any(self._has(cut) for cut in disguises(name or ""))

    def _has(self, cut: tuple[str, ...]) -> bool:
        if cut in self._wholes:
            return True
        for exception in self._exceptions:
            cut = _without(cut, exception)  # It covers its own words, not what else stands there.
        return any(contains(cut, needle) for needle in self._needles) or any(map(self._is_run_together, cut))

    def _is_run_together(self, word: str) -> bool:
        """Tell whether a word is listed names in a row, or one and what an office is called by beside it.

        "ICEERO", "iceagents", "borderpatrol", "immigrationhold2".
        """
        if word.rstrip("0123456789") in self._joined:
            return True
        if not 2 * _SHORTEST_RUN <= len(word) <= _LONGEST_RUN:
            return False
        ends = {0}
        for at in range(len(word)):
            if at in ends:
                ends |= {at + len(name) for name in self._acronyms if word.startswith(name, at)}
        return len(word) in ends

    def has_two_names(self, labels: tuple[str, ...]) -> bool:
        """Tell whether two listed names of one word stand among the words of a domain: ``ice-ero.example``."""
        return len(self._acronyms.intersection(labels)) > 1

    def has_ori(self, ori: str | None) -> bool:
        """Tell whether ``ori`` (originating agency identifier; only letters and digits count) is one of these."""
        return alphanumeric(ori or "").upper() in self.oris
