"""What a message gives away: every view judged by every detector, and the union of it all counts (section 6)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from integration.domain.folding import BIDI, reading
from integration.domain.messages.addresswords import runs_together, signs_in
from integration.domain.messages.detectors import DETECTORS, Look, leaves_over, phrase_matches
from integration.domain.messages.letters import Letter, letter_of
from integration.domain.messages.people import NOBODY, Roster
from integration.domain.messages.queries import is_custody_query
from integration.domain.messages.statusonly import MOST_PEOPLE, Around, People, distinct, people_of
from integration.domain.messages.styles import addresses_in, says_only_looks
from integration.domain.messages.times import whens
from integration.domain.messages.views import Found, Kind, View
from integration.domain.messages.vocabulary import FILLERS, TITLES
from integration.domain.messages.words import as_read, cut
from schemas.kinds import Category

_STATUS: Final = frozenset({Category.CITIZENSHIP_OR_IMMIGRATION_STATUS, Category.PLACE_OF_BIRTH})
"""What may be all that a message gives away. Whether a place of birth may, the pack says."""
_FILLERS: Final = frozenset(FILLERS.split()) | frozenset(TITLES.split())
_EMPTY: Final = Roster()
_ALIEN_NUMBER: Final = re.compile(r"(?<!\w)a[\s#:-]{0,3}\d{2,3}[\s-]?\d{3}[\s-]?\d{3}(?!\w)", re.IGNORECASE)
_LETTERS: Final = frozenset({Kind.TEXT, Kind.SUBJECT})
_ADDRESSES: Final = frozenset({Kind.ADDRESS, Kind.ENVELOPE, Kind.HOST})
_FILE: Final = "file name"
_DISPLAYED: Final = "name"
_NO_PEOPLE: Final[People] = frozenset()


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
    people: set[frozenset[str]] = set()
    for view in views:
        if (key := (view.kind, view.text)) in seen or not any(map(str.isalnum, view.text)):
            continue
        seen.add(key)
        custody_query = custody_query or is_custody_query(view.text)
        signs, named = _look_at(view, roster)
        # Display names are those of senders and recipients, and one word of a file's name is seldom anybody's.
        for each in named:
            if view.kind is not Kind.NAME or (view.how == _FILE and len(each) > 1):
                people |= _people_in(each, roster)
        for category, detector in signs:
            found[Found(category, detector, view.part, view.how)] = None
    if len(distinct(people)) > MOST_PEOPLE or _tells_many_files(found, seen):
        found[Found(Category.PERSONAL, "several_people", "1", "all parts")] = None
    return Content(frozenset(each.category for each in found), tuple(found), custody_query)


def _people_in(name: frozenset[str], roster: Roster) -> People:
    """Return whose name it is: several people's, where it is made of family names of several on the roster."""
    apart = roster.apart(name)
    return apart if len(apart) > 1 else frozenset({name})


def _tells_many_files(found: Iterable[Found], seen: Iterable[tuple[Kind, str]]) -> bool:
    """Tell whether a message that would be status alone has the alien numbers of more people than one may tell of."""
    if not all(each.category in _STATUS for each in found):
        return False
    numbers = {re.sub(r"\D", "", number).lstrip("0") for _, text in seen for number in _ALIEN_NUMBER.findall(text)}
    return len(numbers) > MOST_PEOPLE


def categories_in(text: str, roster: Roster = _EMPTY) -> frozenset[Category]:
    """Return the categories that one text gives away; ``other`` for whatever is not accounted for."""
    return judge([View("1", "text", Kind.TEXT, text)], roster).categories


_Signs = dict[tuple[Category, str], None]


def _look_at(view: View, roster: Roster) -> tuple[_Signs, People]:
    """Return what a view gives away, and whose status it tells."""
    if view.kind in _ADDRESSES:
        return _at_address(view, roster), _NO_PEOPLE
    if view.kind is Kind.STYLE and says_only_looks(view.text):
        return _in_addresses(addresses_in(view.text), roster), _NO_PEOPLE
    seen = reading(view.text)
    letter = letter_of(seen) if view.kind in _LETTERS else Letter(seen, (), (), ())
    said = letter.said
    look = _look(said, roster)
    signs = _signs(look)
    signs |= _around(letter, view, roster)
    hidden = not view.text.isascii() and bool(BIDI.search(view.text))
    if hidden:
        # The reader sees a run of it backwards.
        signs |= _signs(_look(reading(view.text[::-1]), roster))
    if view.kind is Kind.FILED:
        # An identifier may look like a file number; it is none.
        signs.pop((Category.CITIZENSHIP_OR_IMMIGRATION_STATUS, "file_number_or_visa_class"), None)
        return signs, _NO_PEOPLE
    status_only = not hidden and all(category in _STATUS for category, _ in signs)
    if status_only and view.kind is not Kind.STYLE:
        named = people_of(said, view.kind, Around(letter.signers, letter.beside))
        if named is not None:
            if view.kind is Kind.NAME and view.how == _DISPLAYED and look.named.people:
                signs[Category.PERSONAL, "roster_name"] = None  # Who is in custody writes no letters of an office.
            return signs, named
    if look.named.people:
        signs[Category.PERSONAL, "roster_name"] = None
    # Words of status are accounted for by the grammar alone: it did not let this text in.
    if status_only or hidden or leaves_over(look, _FILLERS):
        signs[Category.OTHER, "not_accounted_for"] = None
    return signs, _NO_PEOPLE


def _around(letter: Letter, view: View, roster: Roster) -> _Signs:
    """Return what is told by the lines around a letter, and by who signs it or is named beside it."""
    signs = _in_addresses(letter.around, roster)
    if _name_many([view.text] if view.kind is Kind.NAME else letter.signers, roster):
        signs[Category.PERSONAL, "roster_names"] = None
    return signs


def _at_address(view: View, roster: Roster) -> _Signs:
    if view.kind is Kind.HOST:
        return {(Category.RELEASE_TIME, "words_in_host"): None} if runs_together(reading(view.text)) else {}
    signs: _Signs = dict.fromkeys(sorted(signs_in(view.text, roster, certain=view.kind is Kind.ENVELOPE)))
    if view.kind is Kind.ADDRESS and _name_many([view.text], roster):
        signs[Category.PERSONAL, "roster_name_in_address"] = None
    return signs


def _name_many(texts: Iterable[str], roster: Roster) -> bool:
    """Tell whether names hold family names of more people of the roster than one message may tell of."""
    words = [word for text in texts for word in cut(as_read(text)).texts] if len(roster) else ()
    return len(roster.apart(words)) > MOST_PEOPLE


def _in_addresses(texts: Iterable[str], roster: Roster) -> _Signs:
    return {sign: None for text in texts for sign in sorted(signs_in(text, roster))}


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
