"""What words mean: is this agency an immigration authority, is this charge row only a hold, which paper is named?

The rule is by whole words, and for a row by ALL of its words: a charge that merely mentions immigration, ice or
insurance ("NO PROOF OF INS") is a charge.
"""

import re
from dataclasses import dataclass
from enum import Enum, auto
from functools import lru_cache
from typing import Final

from connectors.jms_niem.mapping import AgencyClass, Effect, Mapping, fold
from integration.domain.agencies import words

_FORM: Final = re.compile(
    r"(?<![\w-])I[\s-]?(?:(247)(?:[\s-]?([ADNXG]))?|(200|205|286|862)|(203)(?:[\s-]?(A))?)(?!\w)",
    re.IGNORECASE | re.ASCII,
)
_FORM_NUMBERS: Final = ("247", "200", "205", "286", "862", "203")
"""Of `_FORM`."""
_HOLD_PARTS: Final = ("hold", "detain")
"""Make a word a hold wherever they stand in it."""
_SHORTEST_STEM: Final = 5


class RowKind(Enum):
    """What a charge's description says it is."""

    CHARGE = auto()
    IMMIGRATION_HOLD = auto()
    AGENCY_HOLD = auto()


@dataclass(frozen=True, slots=True)
class HolderAgency:
    """The agency that somebody is held for, after the county's table."""

    name: str
    class_: AgencyClass


def forms_in(text: str) -> tuple[str, ...]:
    """Return the federal form numbers that a text names, written ``I-247A``, each once."""
    return tuple(dict.fromkeys(f"I-{''.join(parts).upper()}" for parts in _FORM.findall(text)))


def holder(mapping: Mapping, value: str, own_names: frozenset[str]) -> HolderAgency:
    """Say what holding somebody for this agency means.

    Args:
        mapping: the county's tables.
        value: code or name as the message has it; empty for none.
        own_names: folded names of the agencies whose own case this is (booking agency, the charge's arresting
            agency): holding for them is the local case itself.
    """
    listed = mapping.agency_table.get(fold(value))
    if listed is not None:
        return HolderAgency(listed.name, listed.class_)
    if not fold(value):
        return HolderAgency("", AgencyClass.NONE)
    if mapping.authorities.has_name(value):
        return HolderAgency(value, AgencyClass.IMMIGRATION)
    return HolderAgency(value, AgencyClass.OWN if fold(value) in own_names else AgencyClass.OTHER)


def row_kind(mapping: Mapping, description: str, *beside: str) -> RowKind:
    """Say whether a charge description is a charge, or itself only a hold.

    Args:
        mapping: the county's words.
        description: what the row says it is.
        beside: its other words (code, category, statute). "HOLD" for nobody is an immigration hold if they name an
            authority: it must not pass for an agency that may keep the person.
    """
    kind = _kind(mapping, description)
    if kind is RowKind.AGENCY_HOLD and any(_names_immigration(mapping, text) for text in beside):
        return RowKind.IMMIGRATION_HOLD
    return kind


def says_hold_for_immigration(mapping: Mapping, text: str) -> bool:
    """Tell whether a text is nothing but an immigration hold, and says so: ``ICE HOLD``, ``I-247A``; not ``ICE``."""
    if not _may_say_hold(mapping, text):
        return False
    said = words(text)
    return says_immigration(mapping, text) and (
        bool(forms_in(text))
        or not mapping.word_sets["hold"].isdisjoint(said)
        or any(part in word for word in said for part in _HOLD_PARTS)
    )


def _may_say_hold(mapping: Mapping, text: str) -> bool:
    """Tell whether a text has in it what every text that says a hold has: few others are looked at word by word.

    Cutting a text into words takes away what is neither letter nor digit, and so joins what was spelled ("H.O.L.D."):
    a mark may have such between its letters. A text that is not plain ASCII is folded in more ways than that, and is
    always looked at.
    """
    if not (text.isascii() and text.isprintable()):
        return True
    return _marks(mapping.word_sets["hold"]).search(text.lower()) is not None


@lru_cache(maxsize=64)
def _marks(hold: frozenset[str]) -> re.Pattern[str]:
    """Return what finds a mark: a part, the county's own words, a form; none that has a shorter one in it."""
    every = {*_HOLD_PARTS, *hold, *(f"i{number}" for number in _FORM_NUMBERS)}
    shortest = sorted(one for one in every if not any(other in one for other in every - {one}))
    return re.compile("|".join(r"[\W_]*".join(map(re.escape, mark)) for mark in shortest), re.ASCII)


def _names_immigration(mapping: Mapping, text: str) -> bool:
    if not fold(text):
        return False
    named = any(_is_one(word, mapping.word_sets["immigration"]) for word in words(text))
    return named or bool(forms_in(text)) or mapping.authorities.has_name(text)


def _kind(mapping: Mapping, description: str) -> RowKind:
    if says_immigration(mapping, description):
        return RowKind.IMMIGRATION_HOLD
    said = words(description)
    hold = mapping.word_sets["hold"]
    # "HOLD FOR ICE/ERO DETROIT FIELD OFFICE": an authority's name beside the word, whatever else stands there.
    if mapping.authorities.has_name(description) and not hold.isdisjoint(said):
        return RowKind.IMMIGRATION_HOLD
    # "HOLD US MARSHAL", "COURTESY HOLD"; not "UNLAWFUL HOLD OF PROPERTY".
    if said and (said[0] in hold or said[-1] in hold):
        # "REMOVAL PROCEEDINGS HOLD": never an authority that may keep the person, whatever else stands there.
        named = any(_is_one(word, mapping.word_sets["immigration"]) for word in said)
        return RowKind.IMMIGRATION_HOLD if named else RowKind.AGENCY_HOLD
    return RowKind.CHARGE


def says_immigration(mapping: Mapping, text: str) -> bool:
    """Tell whether a row, a status or a bond type is nothing but an immigration hold."""
    sets = mapping.word_sets
    said = words(_FORM.sub(" ", text))
    if said[:1] in (("no",), ("not",)) and said[1:2] and said[1] in sets["hold"] | sets["immigration"]:
        return False  # "NO ICE HOLD"; not "NO BOND ICE HOLD"
    names_it = (
        bool(forms_in(text))
        or mapping.authorities.has_name(text)
        or any(_is_one(word, sets["immigration"]) for word in said)
    )
    known = sets["immigration"] | sets["hold"] | sets["filler"]
    return names_it and all(word.isdigit() or _is_one(word, known) for word in said)


def effect_of(mapping: Mapping, table: str, text: str) -> Effect | None:
    """Look up a status or type; None where the tables and the word lists say nothing about it."""
    if not fold(text):
        return None
    listed = mapping.effects[table].get(fold(text))
    if listed is None and says_immigration(mapping, text):
        return Effect.IMMIGRATION
    return listed


def _is_one(word: str, listed: frozenset[str]) -> bool:
    if word in listed:
        return True
    # A name cut off at some length: IMMIGRAT, ENFORC.
    return len(word) >= _SHORTEST_STEM and any(entry.startswith(word) for entry in listed)
