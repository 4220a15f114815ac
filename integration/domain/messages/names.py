"""Where a person's name may stand in a statement of status: a status is somebody's, so the name is part of it."""

import re
from typing import Final

from integration.domain.messages.lexicon import Lexicon
from integration.domain.messages.phrases import (
    BIRTHPLACE,
    CUSTODY,
    HEARING,
    HOME,
    LENGTH,
    MOVES,
    PERSONAL,
    PRESENCE,
    RELEASE,
    TIMES,
    WORK,
)
from integration.domain.messages.vocabulary import ALSO_NAMES, GIVEN, NOT_NAMES
from integration.domain.messages.words import Words, cut

_NOT_NAMES: Final = frozenset(NOT_NAMES.split())
_ALSO_NAMES: Final = frozenset(ALSO_NAMES.split())
_GIVEN: Final = frozenset(GIVEN.split())
_TELLING: Final = Lexicon(
    [
        (words, True)
        for words in (RELEASE, MOVES, BIRTHPLACE, CUSTODY, PRESENCE, LENGTH, HEARING, HOME, WORK, PERSONAL, TIMES)
    ]
)
"""Words that a detector looks for: none of them is a name, unless it is one of `ALSO_NAMES`."""
_HOURS: Final = r"(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|noon|midnight)"
_TENS: Final = r"(?:fifteen|twenty|thirty|forty|fortyfive|fifty|hundred|oclock|am|pm|ish|hrs|hours|sharp)"
_DAYS: Final = r"(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|tomorrow|tonight|tmrw|today)"
_GOES: Final = (
    r"(?:out|gets?out|walks?|walksout|walking|leaves?|leaving|leftjail|bonded|bondedout|bailed|bailedout|kickedout|letout|"
    r"freed|freeat|goneat|released?|pickup|pickhimup|gethim|comeget)"
)
_JOINED: Final = re.compile(
    rf"(?:{_GOES}|at|by|on|past|half|still){{0,4}}(?:{_HOURS}{_TENS}+|{_DAYS}(?:at)?{_HOURS}|{_DAYS}(?:am|pm|morning|night|noon))"
    rf"|{_GOES}(?:at|by|on)?(?:{_HOURS}|{_DAYS})|at{_HOURS}(?:{_TENS})*"
    r"|bondedout|bailedout|kickedout|gettingout|walksout|leavesat|leavestoday|stillhere|stillin|stillincustody|incustody|injail|"
    r"inourjail|lockedup|bookedin|heldhere|(?:cell|pod|block)(?:one|two|three|four|five|six|seven|eight|nine|ten|[a-h])"
    r"|(?:twenty|thirty)(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth)"
)
"""Words that were run together, each of them one that tells: ``Sixam``, ``Bondedout``, ``Incustody``. Nobody's name."""
_MOST_WORDS: Final = 5
_SHAPE: Final = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*")
_LONGEST: Final = 20
_BEFORE: Final = frozenset(
    """
    of for re regarding concerning about that subject individual person applicant named name mr mrs ms mx dr is
    surname respondent national citizen client party beneficiary de para
    """.split()
)
"""Words that a name may follow."""
_AFTER: Final = frozenset(
    """
    is was has holds hold remains became appears claims claimed possesses declared declares entered obtained and or
    es tiene citizenship immigration status nationality visa country alien filenumber visaclass
    """.split()
)
"""Words that may follow a name at the beginning of a statement."""
_APART: Final = re.compile(r"[:,;/(\[|=&-]")
PARTICLES: Final = frozenset("de del la las los da dos das di van von der bin al el y".split())


def may_name(words: list[str]) -> bool:
    """Tell whether words could be a person's name: few, of letters, capitalised, none of them a word that tells."""
    if not 1 <= len(words) <= _MOST_WORDS:
        return False
    plain = [word.casefold().replace("'", "") for word in words]
    if all(len(word) == 1 for word in plain):
        return False
    if not all(
        _SHAPE.fullmatch(word) is not None
        and len(word) <= _LONGEST
        and (word[0].isupper() or folded in PARTICLES)
        and (folded in PARTICLES or folded in _ALSO_NAMES or not _tells(folded))
        for word, folded in zip(words, plain, strict=True)
    ):
        return False
    if any(after - first > 1 for first, after, _ in _TELLING.matches(cut(" ".join(words)))):
        return False  # "Labor Day"
    # "West Hall" is a place, "Mark Hall" a person.
    return any(word in _GIVEN or not (word in _ALSO_NAMES or word in PARTICLES) for word in plain)


def _tells(word: str) -> bool:
    return word in _NOT_NAMES or word in _TELLING or are_joined(word)


def are_joined(word: str) -> bool:
    """Tell whether a word, in small letters, is several that tell something, written as one."""
    return _JOINED.fullmatch(word) is not None


def may_belong(word: str) -> bool:
    """Tell whether a capitalised word that is listed for something else may be part of the name beside it."""
    return word[:1].isupper() and word.casefold() in _ALSO_NAMES


def stands_as_subject(text: str, words: Words, first: int, after: int) -> bool:
    """Tell whether words[first:after] stand where the person is named whose status is told.

    Args:
        text: the segment.
        words: its words.
        first: place of the name's first word.
        after: place of the word after the name.
    """
    gap_before = text[words[first - 1].end : words[first].start] if first else ""
    gap_after = text[words[after - 1].end : words[after].start] if after < len(words) else text[words[after - 1].end :]
    if first == 0 or words[first - 1].text in _BEFORE:
        return after == len(words) or words[after].text in _AFTER or bool(_APART.search(gap_after)) or first > 0
    if _APART.search(gap_before):
        return after == len(words) or words[after].text in _AFTER or bool(_APART.search(gap_after))
    return False
