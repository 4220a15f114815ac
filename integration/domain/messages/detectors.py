"""The detectors: each looks at one view and names what it gives away. Data where it can be, a small function where not.

A detector says too much rather than too little: what goes to other recipients passes in any case, and what goes to an
immigration authority has to be shown to be status alone.
"""

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import chain
from typing import Final

from integration.domain.messages import lists, queries
from integration.domain.messages.countries import CODES, NATIONALITIES
from integration.domain.messages.lexicon import Lexicon
from integration.domain.messages.people import Named
from integration.domain.messages.phrases import BY_CATEGORY, MOVES, NEUTRAL, PRESENCE, TIMES
from integration.domain.messages.times import When, places_of
from integration.domain.messages.words import Words
from schemas.kinds import Category

_Sign = tuple[Category | None, str]
_TIME: Final = "time"
_MOVE: Final = "move"
_NEAR: Final = 8
"""Words between a time and a word of coming, going or custody that belong together."""
_SHORT: Final = 6
"""Words of a text that says hardly more than a time."""
_PHRASES: Final[Lexicon[_Sign]] = Lexicon(
    [
        *((words, (category, name)) for category, name, words in BY_CATEGORY),
        (NEUTRAL, (None, "neutral")),
        (MOVES, (None, _MOVE)),
        (PRESENCE, (None, _MOVE)),
        (TIMES, (None, _TIME)),
    ]
)
_DATED: Final = frozenset("valid expires expired expiration since admitted entered granted issued naturalized".split())
"""Words of a status that has a date."""
_GOING: Final = frozenset({Category.RELEASE_TIME, Category.CUSTODY_STATUS})


@dataclass(frozen=True, slots=True)
class Look:
    """One view, cut and searched once for all detectors."""

    text: str
    words: Words
    whens: list[When]
    matches: list[tuple[int, int, list[_Sign]]]
    named: Named

    @property
    def said(self) -> Iterable[list[_Sign]]:
        """What its phrases say, each once: a text repeats itself."""
        return {id(signs): signs for _, _, signs in self.matches}.values()

    def places(self, wanted: Callable[[_Sign], bool]) -> list[int]:
        """Return where the phrases begin of which a sign is wanted."""
        those = {id(signs) for signs in self.said if any(map(wanted, signs))}
        return [at for at, _, signs in self.matches if id(signs) in those]

    @property
    def days(self) -> frozenset[date]:
        """Every full date in it."""
        return frozenset(day for when in self.whens for day in when.days)


def phrase_matches(words: Words) -> list[tuple[int, int, list[_Sign]]]:
    """Return the listed phrases of a text."""
    return list(_PHRASES.matches(words))


def leaves_over(look: Look, fillers: frozenset[str]) -> bool:
    """Tell whether a word is left that no detector has named. Args: ``fillers`` count for nothing."""
    words = look.words
    if words.distinct <= fillers:
        return False
    named = places_of(look.whens, words) | look.named.words
    texts, at = words.texts, 0
    ends = (len(texts), len(texts))
    for first, after in chain(_said(look), [ends]):
        if any(texts[place] not in fillers and place not in named for place in range(at, first)):
            return True
        at = after
    return False


def _said(look: Look) -> Iterator[tuple[int, int]]:
    """Yield (first, after) of the phrases that are listed for a category, left to right."""
    return ((first, after) for first, after, signs in look.matches if any(sign[0] for sign in signs))


def by_phrases(look: Look) -> Iterator[_Sign]:
    """Words and phrases that are listed for a category."""
    for signs in look.said:
        yield from (sign for sign in signs if sign[0] is not None)


def by_times(look: Look) -> Iterator[_Sign]:
    """A time or a day beside a word of custody, release, coming or going."""
    words = look.words
    times = look.places(lambda sign: sign[1] == _TIME)
    if look.whens:
        times += [bisect_left(words.starts, when.start) for when in look.whens]
    if not times:
        return
    going = look.places(lambda sign: sign[1] == _MOVE or sign[0] in _GOING)
    says_status = any(category is Category.CITIZENSHIP_OR_IMMIGRATION_STATUS for category, _ in by_phrases(look))
    says_status = says_status or not _DATED.isdisjoint(words.distinct)
    if len(words) <= _SHORT and not says_status:
        yield Category.RELEASE_TIME, "time_alone"  # A time that nothing explains is somebody's time.
    if not going:
        return
    place = 0
    for at in sorted(times):
        while place < len(going) and going[place] < at - _NEAR:
            place += 1
        if place < len(going) and going[place] <= at + _NEAR:
            yield Category.RELEASE_TIME, "time_beside_custody"
            return


_STREET: Final = re.compile(
    r"\d{1,6}(?:-\d{1,4})?[a-z]?\s(?:[nsew]\.?\s|north\s|south\s|east\s|west\s)?(?:[\w'.-]{1,20}\s){1,4}?"
    r"(?:street|st|avenue|ave|road|rd|drive|dr|lane|ln|boulevard|blvd|court|ct|place|pl|way|circle|cir|terrace|ter|trail|trl|"
    r"highway|hwy|parkway|pkwy|square|sq|alley|loop|run|row)\b(?!\w)",
    re.IGNORECASE,
)
_UNIT: Final = re.compile(
    r"(?:apt|apartment|unit|ste|suite|lot|trlr)\.?\s?#?\s?\d{1,5}[a-z]?\b|p\.?\s?o\.?\s?box\s?\d", re.IGNORECASE
)
_ZIP: Final = re.compile(r"\b[A-Z]{2},?\s\d{5}(?:-\d{4})?\b")
_SOCIAL: Final = re.compile(r"\d{3}-\d{2}-\d{4}(?![\w-])")
_TELEPHONE: Final = re.compile(r"\(?\d{3}\)?[ .-]{1,2}\d{3}[ .-]\d{4}(?!\w)|\d{10}(?!\w)")
_DOCKET: Final = re.compile(r"\d{2,4}-?(?:cr|cv|fh|fc|sm|st|sd|fy|ft|om|ot|cm|mj)-?\d{2,8}", re.IGNORECASE)
_BOOKING: Final = re.compile(
    r"(?:bkg|booking|bk|book|inmate|jail|so|jacket|spn|pin|mni|arrest)\s?(?:number|no\.?|num|#|id)?\s?[:#]?\s?(?=[\w-]*\d)[\w-]{4,20}",
    re.IGNORECASE,
)
_BY_DIGITS: Final = (
    (_STREET, Category.HOME_ADDRESS, "street_address"),
    (_SOCIAL, Category.PERSONAL, "social_security_number"),
    (_TELEPHONE, Category.PERSONAL, "telephone_number"),
    (_DOCKET, Category.HEARING, "docket_number"),
)
_BY_LETTERS: Final = (
    (
        _UNIT,
        Category.HOME_ADDRESS,
        "unit_number",
        frozenset({"apt", "apartment", "unit", "ste", "suite", "lot", "trlr", "p", "po"}),
    ),
    (
        _BOOKING,
        Category.CUSTODY_STATUS,
        "booking_number",
        frozenset({"bkg", "booking", "bk", "book", "inmate", "jail", "so", "jacket", "spn", "pin", "mni", "arrest"}),
    ),
)


_STARTS: Final = frozenset().union(*(starts for *_, starts in _BY_LETTERS))


def by_numbers(look: Look) -> Iterator[_Sign]:
    """Street addresses, social security, telephone, docket and booking numbers: each where a word may begin one."""
    text, words = look.text, look.words
    if not words.hold_digits:
        return
    begin = {word for word in words.distinct if word in _STARTS or word[0].isdigit()}
    starts = words.starts
    for at in words.places(begin):
        word, start = words.texts[at], starts[at]
        if word[0].isdigit():
            for pattern, category, name in _BY_DIGITS:
                if pattern.match(text, start):
                    yield category, name
        for pattern, category, name, first in _BY_LETTERS:
            if word in first and pattern.match(text, start):
                yield category, name
    if _ZIP.search(text):
        yield Category.HOME_ADDRESS, "zip_code"


_FILE: Final = re.compile(
    r"a[\s#:-]{0,3}\d{2,3}[\s-]?\d{3}[\s-]?\d{3}(?!\w)|(?:eac|wac|lin|src|msc|nbc|ioe|ysc)-?\d{10}(?!\d)", re.IGNORECASE
)
_VISA: Final = re.compile(r"[a-z]{1,2}-?\d{1,2}[a-z]?\d?(?!\w)", re.IGNORECASE)
_SHORTEST_WORD: Final = 3


def by_files(look: Look) -> Iterator[_Sign]:
    """File numbers and visa classes: status too (``schemas/forbidden.py`` counts them so)."""
    text, words = look.text, look.words
    if not words.hold_digits:
        return
    starts, texts = words.starts, words.texts
    # It is in a word with a digit, or begins in a short word of letters before one.
    numbers = words.places({word for word in words.distinct if not word.isalpha()})
    before = {at - 1 for at in numbers if at and len(texts[at - 1]) <= _SHORTEST_WORD}
    for at in sorted(before.union(numbers)):
        start = starts[at]
        visa = _VISA.match(text, start)
        if (visa and visa.group().replace("-", "").casefold() in CODES) or _FILE.match(text, start):
            yield Category.CITIZENSHIP_OR_IMMIGRATION_STATUS, "file_number_or_visa_class"


_SOMEBODY: Final = re.compile(
    r"[a-z]{3,9}\s(?:(?:for|on|a|an|one|two|three|the|this|our|your|another|some)\s){0,2}"
    r"(?:(?!is\b|was\b|are\b|were\b|been\san?\b|status\sas\b|that\b|not\b|no\b|of\b|whether\b|if\b)[\w-]{1,20}\s){0,3}?"
    r"(?:national|citizen|alien|immigrant|refugee|asylee|resident|person|individual|subject|parolee|"
    r"noncitizen)s?\b(?!\s(?:status|card|visa|number|alien|registration|of record|in our|on file|,))",
    re.IGNORECASE,
)
_HAVING: Final = frozenset(
    """
    has have had got hold holds with keep keeps bring bringing brought respond report reports reported verify new
    another
    """.split()
)
_PERSONS: Final = "national citizen alien immigrant refuge asyle resident person individual subject parole".split()
"""How every word for somebody begins, whatever an apostrophe makes of its end."""


_OFFICE_HAS: Final = re.compile(
    r"\b(?:we|i|(?:our|this|the|your)\s(?:[\w-]{1,20}\s){0,2}?(?:office|agency|department|dept|county|city|unit|team|division|"
    r"bureau|station|pd|sheriff|police))\s(?:[\w-]{1,12}\s){0,2}?(?:hold|holds|possess|possesses|obtained|acquired|got|took)\s"
    r"(?:(?:an?|one|two|three|the|this|our|your|another|some)\s)?"
    r"(?:(?!for\b|of\b|on\b|about\b|as\b|to\b|from\b|no\b)[\w-]{1,20}\s){0,2}?"
    r"(?:national|citizen|alien|immigrant|refugee|asylee|resident|parolee|noncitizen|lpr|holder)s?\b"
    r"(?!'|\s(?:status|card|cards|visa|number|registration|record|records|letter|form|file|files|information|id)\b)",
    re.IGNORECASE,
)
_KEEPING: Final = frozenset("hold holds possess possesses obtained acquired got took".split())


def by_having(look: Look) -> Iterator[_Sign]:
    """Somebody has somebody: ``Lansing has a Mexican national``, ``This office holds an LPR``."""
    words = look.words
    if not words.distinct.isdisjoint(_KEEPING) and _OFFICE_HAS.search(look.text):
        yield Category.CUSTODY_STATUS, "having_somebody"
    if not _may_tell_of_somebody(look):
        return
    for at in words.places(words.distinct & _HAVING):
        if _SOMEBODY.match(look.text, words.starts[at]):
            yield Category.CUSTODY_STATUS, "having_somebody"


def _may_tell_of_somebody(look: Look) -> bool:
    """Tell whether a word for somebody may stand there. Beyond ASCII letters may be others without case."""
    return not look.text.isascii() or any(person in look.words.listed for person in _PERSONS)


_CALLED: Final = [
    each.split()
    for listed in (
        """
        national, citizen, alien, immigrant, refugee, asylee, resident, parolee, noncitizen, lpr, usc, seeker,
        applicant, recipient, entrant, beneficiary, holder, card holder, visa holder, visa applicant, visa recipient
        """,
        NATIONALITIES,
    )
    for each in listed.split(",")
]
"""What somebody is called whom a place may have, each by its words."""
_LAST: Final = frozenset(words[-1] + end for words in _CALLED for end in ("", "s"))
_ANYBODY: Final = "|".join(map(r"\s".join, _CALLED))
_SOMEBODY_ENDS: Final = re.compile(
    r"\w{3,9}\s(?:(an?|one|two|three|the|another|some)\s)?"
    r"(?:(?!(?:of|as|to|for|from|by|in|on|about|with|is|been|no|not|an?|usa|status|nationality|citizenship|country|passport|"
    r"card|visa|class|category|records?|file|following|information|result|answer|response|name|number|subject|individual|"
    r"person)\b)[\w-]{1,20}\s){0,3}?"
    rf"(?:{_ANYBODY})(?(1)s?|s)"
    r"(?=[^\S\n]*(?:[.,;:!?()\n]|-\s|$)|\s(?:from|of|in|at|with|here|now|today|who|that)\b)",
    re.IGNORECASE,
)
"""A clause ends with somebody: not ``has an LPR card``, ``has the status of a refugee``."""
_GETTING: Final = frozenset(
    """
    has have had got hold holds possess possesses obtained acquired entered
    """.split()
)


def by_getting(look: Look) -> Iterator[_Sign]:
    """Somebody is all that somebody has: ``Lansing has an LPR``, ``Lansing obtained a Mexican``."""
    words = look.words
    if words.distinct.isdisjoint(_LAST):
        return
    for at in words.places(words.distinct & _GETTING):
        if _SOMEBODY_ENDS.match(look.text, words.starts[at]):
            yield Category.CUSTODY_STATUS, "having_somebody"


_HANDED: Final = re.compile(
    r"(?:attached|enclosed)\s(?:please\sfind\s|is\s|are\s)?(?:the|an?|our|your|one|two)\s(?:[\w-]{1,20}\s){0,3}?"
    r"(?:national|citizen|alien|immigrant|refugee|asylee|resident|noncitizen|person|individual|subject)s?\b"
    r"(?!'|\s(?:status|card|visa|number|registration|record|records|letter|form|file|response|information|request|id))",
    re.IGNORECASE,
)
_HANDED_OVER: Final = re.compile(
    r"(?:^|[.!?;:\n]\s{0,3})(?:(?:the|an?|our|your)\s)?(?:[\w-]{1,20}\s){0,2}?"
    r"(?:national|citizen|alien|immigrant|refugee|asylee|resident|noncitizen)s?,?\s"
    r"(?:(?!status|card|record|form|file)[\w'-]{1,20},?\s){0,4}?(?:is|are)\s(?:attached|enclosed)\b",
    re.IGNORECASE,
)


def by_handing(look: Look) -> Iterator[_Sign]:
    """Somebody is enclosed: ``Enclosed is the Mexican citizen``. A record is enclosed, a person is handed over."""
    if look.words.distinct.isdisjoint({"attached", "enclosed"}) or not _may_tell_of_somebody(look):
        return
    if _HANDED.search(look.text) or _HANDED_OVER.search(look.text):
        yield Category.CUSTODY_STATUS, "handing_somebody"


def by_people(look: Look) -> Iterator[_Sign]:
    """Birth dates and booking numbers of people on the roster. Their names are judged where they stand."""
    if look.named.born:
        yield Category.PERSONAL, "roster_birth_date"
    if look.named.bookings:
        yield Category.CUSTODY_STATUS, "roster_booking_number"


def by_queries(look: Look) -> Iterator[_Sign]:
    """Queries of the police networks that disclose custody."""
    if queries.names_query(look.text):
        yield Category.CUSTODY_STATUS, "custody_query"
    elif queries.is_network_message(look.text):
        yield Category.PERSONAL, "network_message"


def by_lists(look: Look) -> Iterator[_Sign]:
    """Lists of people by nationality."""
    if lists.is_titled_so(look.words):
        yield Category.PLACE_OF_BIRTH, "foreign_born_words"
    if lists.is_list_of_people(look.text):
        yield Category.PERSONAL, "foreign_born_list"


DETECTORS: Final[tuple[Callable[[Look], Iterator[_Sign]], ...]] = (
    by_phrases,
    by_times,
    by_numbers,
    by_files,
    by_having,
    by_getting,
    by_handing,
    by_people,
    by_queries,
    by_lists,
)
