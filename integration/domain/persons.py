"""Names of one person in whatever writing: logins, addresses, what mail servers make of them. Two may be one person."""

import re
from typing import Final

from integration.domain.folding import fold

_APART: Final = re.compile(r"[=+/%!#,;()<>\[\]\"'\s]+")
_MARKS: Final = frozenset({"prvs", "batv", "srs0", "srs1", "cn", "uid", "ou", "dc"})
"""Words that stand before a name in signed senders (BATV), rewritten ones (SRS) and directories."""
_SILENT: Final = re.compile(r"[^0-9a-z\u00df-\U0010ffff]")


def names_of(said: str | None) -> frozenset[str]:
    r"""Return every name that a writing of a person may stand for; empty: it names nobody.

    ``officer:jdoe``, ``LANSING\jdoe``, ``"j.doe"@lansing.example`` and ``prvs=12=jdoe@x.example`` are all ``jdoe``. A
    domain says nothing: whoever is jdoe in two places may be one person.

    Args:
        said: one writing a line.
    """
    found: set[str] = set()
    for line in fold(said or "").splitlines():
        plain = "".join(line.split())
        local, at, _ = plain.rpartition("@")
        login = (local if at else plain).rpartition(":")[2].rpartition("\\")[2]
        found |= {login, *_APART.split(login)} - _MARKS
    return frozenset(_SILENT.sub("", name) for name in found) - {""}


def may_be_one(one: str | None, other: str | None) -> bool:
    """Tell whether two writings may name one person. Who names nobody may be anybody."""
    ours, theirs = names_of(one), names_of(other)
    return not ours or not theirs or bool(ours & theirs)
