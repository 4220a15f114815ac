"""What a paper is, is decided by the paper, not by the label it came with (section 3)."""

import re
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

_ADMINISTRATIVE_FORMS: Final = frozenset({"I200", "I203", "I203A", "I205", "I286", "I862"})
_I247: Final = re.compile(r"I247(?!\d)([NG]?)")
# Written before or after the number on real faxes: "Form I-247A (02/17)", "DHS I-200".
_BEFORE_NUMBER: Final = re.compile(r"^(?:FORM|DHS|ICE|INS|NO\.?|#)+")
_AFTER_NUMBER: Final = re.compile(r"[(\[,;/].*$|REV\.?.*$")

_JUDICIAL_WORDS: Final = frozenset({"judge", "justice", "magistrate", "commissioner"})
_NOT_JUDICIAL_WORDS: Final = frozenset(
    """
    immigration deportation removal removals detention detainer customs border enforcement citizenship homeland
    officer agent clerk attorney prosecutor assistant secretary advocate director deputy supervisor supervisory
    inspector sheriff police hearing staff administrative parole asylum
    """.split()
)
_NOT_JUDICIAL_PHRASES: Final = (("department", "justice"), ("dept", "justice"))
_IMMIGRATION_WORDS: Final = (("immigration",), ("deportation",), ("eoir",))


def form_key(form: str) -> str:
    """Write a form's number comparably: without case, spaces or hyphens (section 3)."""
    bare = "".join(character for character in form.upper() if not character.isspace() and character not in _DASHES)
    return _AFTER_NUMBER.sub("", _BEFORE_NUMBER.sub("", bare))


_DASHES: Final = frozenset("-_\u00ad\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d")


def kind_of_form(form: str | None) -> HoldKind | None:
    """Tell what a document form makes of a paper; None when the form decides nothing."""
    if not form:
        return None
    key = form_key(form)
    if matched := _I247.match(key):
        # I-247N and I-247G ask only to be told; every other I-247 asks to keep the person.
        return HoldKind.NOTIFICATION_REQUEST if matched[1] else HoldKind.IMMIGRATION_DETAINER
    return HoldKind.ADMINISTRATIVE_WARRANT if key in _ADMINISTRATIVE_FORMS else None


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
    if not court or not court.strip():
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
        is_court(placed.court, authorities) and is_judicial_office(placed.official_title)
    ):
        if is_immigration_issuer(placed, authorities):
            kind = HoldKind.ADMINISTRATIVE_WARRANT
        else:
            return Paper(HoldClass.NONE, None, mislabelled=True)
    return Paper(_CLASS_OF[kind], kind, mislabelled=kind is not labelled)
