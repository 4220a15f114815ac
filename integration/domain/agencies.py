"""Is this agency an immigration authority, or a 287(g) partner? By whole words, never by substring.

``ICE`` stands inside JUSTICE, POLICE and SERVICE, ``INS`` inside COLLINS: a substring match would hold mail to
half a county's agencies. A name is cut into words, joining words are dropped, and a listed name counts when its
words stand in a row inside it, so that a name cut off at 30 characters is still known by its beginning.
"""

import re
import unicodedata
from dataclasses import dataclass, field
from functools import lru_cache

_DOTTED = re.compile(r"\b(?:\w\.){2,}\w?")
_WORD = re.compile(r"\w+")
_JOINING = frozenset({"and", "the", "of", "for"})


@lru_cache(maxsize=4096)
def words(name: str) -> tuple[str, ...]:
    """Cut a name into comparable words.

    Case and accents fold, ``I.C.E.`` reads ``ice``, ``&``, ``and``, ``of`` and ``the`` are dropped.
    """
    folded = unicodedata.normalize("NFKC", name).casefold()
    folded = _DOTTED.sub(lambda dotted: dotted.group().replace(".", "") + " ", folded)
    return tuple(word for word in _WORD.findall(folded.replace("_", " ")) if word not in _JOINING)


def contains(haystack: tuple[str, ...], needle: tuple[str, ...]) -> bool:
    """Tell whether the words of ``needle`` stand in a row inside ``haystack``."""
    size = len(needle)
    return size > 0 and any(haystack[at : at + size] == needle for at in range(len(haystack) - size + 1))


@dataclass(frozen=True, slots=True)
class Directory:
    """Who a pack knows as one kind of agency (immigration authorities, or 287(g) partners)."""

    names: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    oris: frozenset[str] = frozenset()
    numbers: frozenset[str] = frozenset()
    """Telephone and fax numbers, digits only, without country code."""
    not_names: tuple[str, ...] = ()
    """Names that hold a listed word and are someone else (a department of human services that is called DHS)."""
    _needles: tuple[tuple[str, ...], ...] = field(init=False, repr=False, compare=False)
    _exceptions: tuple[tuple[str, ...], ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Cut the listed names once."""
        object.__setattr__(self, "_needles", tuple(words(name) for name in self.names))
        object.__setattr__(self, "_exceptions", tuple(words(name) for name in self.not_names))

    def has_name(self, name: str | None) -> bool:
        """Tell whether ``name`` is one of these agencies."""
        if not name:
            return False
        cut = words(name)
        if any(contains(cut, exception) for exception in self._exceptions):
            return False
        return any(contains(cut, needle) for needle in self._needles)

    def has_ori(self, ori: str | None) -> bool:
        """Tell whether ``ori`` (originating agency identifier, case and spaces ignored) is one of these."""
        return bool(ori) and "".join(str(ori).split()).upper() in self.oris
