"""What a message gives away: every view judged by every detector, and the union of it all counts (section 6)."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from integration.domain.folding import BIDI, reading
from integration.domain.messages.detectors import DETECTORS, Look, leaves_over, phrase_matches
from integration.domain.messages.letters import letter_of
from integration.domain.messages.people import NOBODY, Roster
from integration.domain.messages.queries import is_custody_query
from integration.domain.messages.statusonly import is_status_only
from integration.domain.messages.styles import says_only_looks
from integration.domain.messages.times import whens
from integration.domain.messages.views import Found, Kind, View
from integration.domain.messages.vocabulary import FILLERS, TITLES
from integration.domain.messages.words import as_read, cut
from schemas.kinds import Category

_STATUS: Final = frozenset({Category.CITIZENSHIP_OR_IMMIGRATION_STATUS, Category.PLACE_OF_BIRTH})
"""What may be all that a message gives away. Whether a place of birth may, the pack says."""
_FILLERS: Final = frozenset(FILLERS.split()) | frozenset(TITLES.split())
_EMPTY: Final = Roster()
_LETTERS: Final = frozenset({Kind.TEXT, Kind.SUBJECT})


@dataclass(frozen=True, slots=True)
class Content:
    """What a message gives away, and what saw it."""

    categories: frozenset[Category]
    found: tuple[Found, ...]
    custody_query: bool
    """Sending it tells an immigration authority that somebody is in custody, whoever the recipient is."""


def judge(views: Iterable[View], roster: Roster = _EMPTY) -> Content:
    """Judge every view of one message.

    Args:
        views: every text in it, however it was encoded.
        roster: the people in custody.
    """
    found: dict[Found, None] = {}
    custody_query = False
    seen: set[tuple[Kind, str]] = set()
    for view in views:
        if (key := (view.kind, view.text)) in seen or not any(map(str.isalnum, view.text)):
            continue
        seen.add(key)
        custody_query = custody_query or is_custody_query(view.text)
        for category, detector in _look_at(view, roster):
            found[Found(category, detector, view.part, view.how)] = None
    return Content(frozenset(each.category for each in found), tuple(found), custody_query)


def categories_in(text: str, roster: Roster = _EMPTY) -> frozenset[Category]:
    """Return the categories that one text gives away; ``other`` for whatever is not accounted for."""
    return judge([View("1", "text", Kind.TEXT, text)], roster).categories


def _look_at(view: View, roster: Roster) -> dict[tuple[Category, str], None]:
    if view.kind is Kind.STYLE and says_only_looks(view.text):
        return {}
    seen = reading(view.text)
    said, signers = letter_of(seen) if view.kind in _LETTERS else (seen, ())
    look = _look(said, roster)
    signs = _signs(look)
    hidden = bool(BIDI.search(view.text))
    if hidden:
        # The reader sees a run of it backwards.
        signs |= _signs(_look(reading(view.text[::-1]), roster))
    if view.kind is Kind.FILED:
        # An identifier may look like a file number; it is none.
        signs.pop((Category.CITIZENSHIP_OR_IMMIGRATION_STATUS, "file_number_or_visa_class"), None)
        return signs
    status_only = not hidden and all(category in _STATUS for category, _ in signs)
    if status_only and view.kind is not Kind.STYLE and is_status_only(said, view.kind, signers):
        if any(_names(signer, roster) for signer in signers):
            signs[Category.PERSONAL, "roster_name_in_signature"] = None
        return signs
    if look.named.people:
        signs[Category.PERSONAL, "roster_name"] = None
    # Words of status are accounted for by the grammar alone: it did not let this text in.
    if status_only or hidden or leaves_over(look, _FILLERS):
        signs[Category.OTHER, "not_accounted_for"] = None
    return signs


def _signs(look: Look) -> dict[tuple[Category, str], None]:
    return {
        (category, name): None for detector in DETECTORS for category, name in detector(look) if category is not None
    }


def _look(text: str, roster: Roster) -> Look:
    plain = as_read(text)
    words = cut(plain)
    times = whens(plain, words)
    days = frozenset(day for when in times for day in when.days)
    named = roster.named_in(words, days) if len(roster) else NOBODY
    return Look(plain, words, times, phrase_matches(words), named)


def _names(text: str, roster: Roster) -> bool:
    return bool(len(roster) and roster.named_in(cut(as_read(text)), frozenset()).people)
