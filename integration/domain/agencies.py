"""Is this agency an immigration authority, or a 287(g) partner? By whole words, never by substring.

``ICE`` stands inside JUSTICE, POLICE and SERVICE, ``INS`` inside COLLINS: a substring match would hold mail to
half a county's agencies. A name is cut into words, joining words are dropped, and a listed name counts when its
words stand in a row inside it, so that a name cut off at 30 characters is still known by its beginning.
"""

import re
import unicodedata
from dataclasses import dataclass, field
from functools import lru_cache

_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
_SPELLED = re.compile(r"(?<!\w)\w(?:[. -]+\w)+(?!\w)")
"""Letters one by one: "I.C.E.", "I C E"."""
_BETWEEN = re.compile(r"[. -]+")
_WORD = re.compile(r"\w+")
_JOINING = frozenset({"and", "the", "of", "for"})


@lru_cache(maxsize=4096)
def words(name: str) -> tuple[str, ...]:
    """Cut a name into comparable words.

    Case folds, ``I.C.E.`` and ``I C E`` read ``ice``; ``&``, ``and``, ``of`` and ``the`` are dropped.
    """
    visible = _INVISIBLE.sub("", unicodedata.normalize("NFKC", name)).casefold().replace("_", " ")
    joined = _SPELLED.sub(lambda letters: _BETWEEN.sub("", letters.group()), visible)
    return tuple(word for word in _WORD.findall(joined) if word not in _JOINING)


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


@dataclass(frozen=True, slots=True)
class Directory:
    """Who a pack knows as one kind of agency (immigration authorities, or 287(g) partners)."""

    names: tuple[str, ...] = ()
    """Known by these words in a row; one that begins with ``=`` only as the whole name."""
    domains: tuple[str, ...] = ()
    oris: frozenset[str] = frozenset()
    numbers: frozenset[str] = frozenset()
    """Telephone and fax numbers, digits only, without country code."""
    not_names: tuple[str, ...] = ()
    """Names that hold a listed word and are someone else (a department of human services that is called DHS)."""
    _needles: tuple[tuple[str, ...], ...] = field(init=False, repr=False, compare=False)
    _wholes: frozenset[tuple[str, ...]] = field(init=False, repr=False, compare=False)
    _exceptions: tuple[tuple[str, ...], ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Cut the listed names once."""
        parts = [name for name in self.names if not name.startswith("=")]
        object.__setattr__(self, "_needles", tuple(words(name) for name in parts))
        object.__setattr__(self, "_wholes", frozenset(words(name) for name in self.names if name.startswith("=")))
        object.__setattr__(self, "_exceptions", tuple(words(name) for name in self.not_names))

    def has_name(self, name: str | None) -> bool:
        """Tell whether ``name`` is one of these agencies."""
        if not name:
            return False
        cut = words(name)
        if cut in self._wholes:
            return True
        for exception in self._exceptions:
            cut = _without(cut, exception)  # It covers its own words, not what else stands there.
        return any(contains(cut, needle) for needle in self._needles)

    def has_ori(self, ori: str | None) -> bool:
        """Tell whether ``ori`` (originating agency identifier; only letters and digits count) is one of these."""
        plain = unicodedata.normalize("NFKC", _INVISIBLE.sub("", ori or ""))
        return "".join(character for character in plain if character.isalnum()).upper() in self.oris
