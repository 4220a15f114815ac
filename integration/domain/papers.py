"""What a paper is, is decided by the paper, not by the label it came with (section 3)."""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Final

from integration.domain.agencies import Directory, contains, words
from integration.domain.facts import Placed
from schemas.kinds import HoldKind


class HoldClass(StrEnum):
    """Who may keep a person on this hold (section 3, first table)."""

    LOCAL = "local"
    JUDICIAL = "judicial"
    OTHER_CRIMINAL = "other_criminal"
    IMMIGRATION = "immigration"
    REQUEST = "request"
    NONE = "none"
    """A judicial warrant that is none, from somebody who is no immigration authority: it holds nobody."""


@dataclass(frozen=True, slots=True)
class Paper:
    """A classified hold. ``mislabelled`` when the paper is not what its label says."""

    hold_class: HoldClass
    kind: HoldKind | None
    """What the paper is; None when it is a judicial warrant that is not valid and nothing else either."""
    mislabelled: bool


_CLASS_OF: Final = {
    HoldKind.ARREST: HoldClass.LOCAL,
    HoldKind.CHARGE: HoldClass.LOCAL,
    HoldKind.SENTENCE: HoldClass.LOCAL,
    HoldKind.COURT_ORDER: HoldClass.LOCAL,
    HoldKind.JUDICIAL_WARRANT: HoldClass.JUDICIAL,
    HoldKind.AGENCY_HOLD: HoldClass.OTHER_CRIMINAL,
    HoldKind.IMMIGRATION_DETAINER: HoldClass.IMMIGRATION,
    HoldKind.ADMINISTRATIVE_WARRANT: HoldClass.IMMIGRATION,
    HoldKind.NOTIFICATION_REQUEST: HoldClass.REQUEST,
}
_AS_LABELLED: Final[dict[str, Paper]] = {
    kind.value: Paper(cls, kind, mislabelled=False)
    for kind, cls in _CLASS_OF.items()
    if kind is not HoldKind.JUDICIAL_WARRANT
}
"""Papers without a form that are what they are called; a judicial warrant has to show court and judge."""

_NUMBERS: Final = "247|200|203|205|286|862"
_FORM: Final = re.compile(
    rf"(?<![a-z0-9])i[\s.-]*(?P<number>{_NUMBERS})(?!\d)"
    # The letter of a variant, if it stands alone: "I-247 Notice of Action" is no I-247N.
    r"(?:[\s-]*(?P<letter>[a-z])(?![a-z0-9]))?",
    re.IGNORECASE,
)
"""A form's number wherever people write it: "Form I-247A (02/17)", "Immigration Detainer I-247A"."""
_SQUEEZED: Final = re.compile(rf"(?:form|dhs|ice|no)*[i1l](?P<number>{_NUMBERS})(?P<letter>[a-z]?)", re.IGNORECASE)
"""The whole text without spaces, hyphens and dots (section 3), with what a scanner makes of a capital I."""
_DASHES: Final = re.compile("[_\u00ad\u2010-\u2015\u2212\ufe58\ufe63\uff0d]")
_INVISIBLE: Final = re.compile("[\u200b-\u200f\u2060\ufeff]")
_SPACING: Final = re.compile(r"[\s.-]+")
_WITH_LETTER: Final = frozenset({"247", "203"})
_LETTERS_OF_REQUESTS: Final = frozenset({"N", "G"})
_STRONGEST_FIRST: Final = (
    HoldKind.IMMIGRATION_DETAINER,
    HoldKind.ADMINISTRATIVE_WARRANT,
    HoldKind.NOTIFICATION_REQUEST,
)

_JUDICIAL_WORDS: Final = frozenset({"judge", "justice", "magistrate", "commissioner"})
_NOT_JUDICIAL_WORDS: Final = frozenset(
    """
    immigration deportation removal removals detention detainer customs border enforcement citizenship homeland
    officer agent clerk attorney prosecutor assistant secretary advocate director deputy supervisor supervisory
    inspector sheriff hearing staff administrative parole asylum immig ij eoir bia inquiry not no
    """.split()
)
_NOT_JUDICIAL_PHRASES: Final = (
    ("department", "justice"),
    ("dept", "justice"),
    ("justice", "department"),
    ("justice", "dept"),
)
_NO_COURT: Final = frozenset(
    {(), ("none",), ("na",), ("n", "a"), ("unknown",), ("unk",), ("null",), ("tbd",), ("bia",)}
)
"""What people type into a field that they have nothing for; and a board that is no court."""
_IMMIGRATION_WORDS: Final = (("immigration",), ("deportation",), ("eoir",))


def form_number(form: str | None) -> str | None:
    """Return the number of a known immigration form, such as ``I-247A``, as it is written on the form itself.

    Of several in one text the one that claims most counts. None for any other text: what else somebody typed there
    is of no use, and may be a name.
    """
    if not form:
        return None
    plain = _DASHES.sub("-", _INVISIBLE.sub("", unicodedata.normalize("NFKC", form)))
    numbers = [_number(matched) for matched in _FORM.finditer(plain)]
    if not numbers and (squeezed := _SQUEEZED.fullmatch(_SPACING.sub("", plain))):
        numbers = [_number(squeezed)]
    return min(numbers, key=lambda number: _STRONGEST_FIRST.index(_kind_of_number(number)), default=None)


def _number(matched: re.Match[str]) -> str:
    number, letter = matched["number"], (matched["letter"] or "").upper()
    return f"I-{number}{letter if number in _WITH_LETTER else ''}"


def _kind_of_number(number: str) -> HoldKind:
    if not number.startswith("I-247"):
        return HoldKind.ADMINISTRATIVE_WARRANT
    # I-247N and I-247G ask only to be told; every other I-247 asks to keep the person.
    asks_only = number[-1] in _LETTERS_OF_REQUESTS
    return HoldKind.NOTIFICATION_REQUEST if asks_only else HoldKind.IMMIGRATION_DETAINER


def kind_of_form(form: str | None) -> HoldKind | None:
    """Tell what a document form makes of a paper; None when the form decides nothing."""
    number = form_number(form)
    return None if number is None else _kind_of_number(number)


def is_judicial_office(title: str | None) -> bool:
    """Tell whether an official title is a judicial office (section 3).

    Judge, justice, magistrate, magistrate judge, commissioner of a court. An immigration judge is an officer of
    the Department of Justice and not one; nor is anybody who only works for a judge.
    """
    if not title:
        return False
    cut = words(title)
    if not _JUDICIAL_WORDS.intersection(cut) or not _NOT_JUDICIAL_WORDS.isdisjoint(cut):
        return False
    if any(contains(cut, phrase) for phrase in _NOT_JUDICIAL_PHRASES):
        return False
    if _JUDICIAL_WORDS.isdisjoint(set(cut) - {"commissioner"}):
        # A commissioner of police or of customs is none.
        return "court" in cut
    return True


def is_immigration_issuer(placed: Placed, authorities: Directory) -> bool:
    """Tell whether a paper comes from an immigration authority, by agency, ORI, court or title."""
    for name in (placed.agency, placed.court, placed.official_title):
        if name and (authorities.has_name(name) or any(contains(words(name), w) for w in _IMMIGRATION_WORDS)):
            return True
    return authorities.has_ori(placed.ori)


def is_court(court: str | None, authorities: Directory) -> bool:
    """Tell whether a court is named that is not an immigration court."""
    if not court or words(court) in _NO_COURT:
        return False
    return not (authorities.has_name(court) or any(contains(words(court), word) for word in _IMMIGRATION_WORDS))


def classify(placed: Placed, authorities: Directory) -> Paper:
    """Decide what a paper is (section 3). Verification of a warrant is a matter of time: see `custody`."""
    if placed.form is None and (paper := _AS_LABELLED.get(placed.kind)) is not None:
        return paper
    return _classify(placed, authorities)


@lru_cache(maxsize=4096)
def _classify(placed: Placed, authorities: Directory) -> Paper:
    labelled = HoldKind(placed.kind)
    kind = kind_of_form(placed.form) or labelled
    if kind is HoldKind.JUDICIAL_WARRANT and not (
        is_court(placed.court, authorities)
        and is_judicial_office(placed.official_title)
        and not authorities.has_name(placed.official_title)
    ):
        if is_immigration_issuer(placed, authorities):
            kind = HoldKind.ADMINISTRATIVE_WARRANT
        else:
            return Paper(HoldClass.NONE, None, mislabelled=True)
    return Paper(_CLASS_OF[kind], kind, mislabelled=kind is not labelled)
