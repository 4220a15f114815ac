"""What an address or a site says as words: ``juan.perez.released.tuesday.0730@sallyport.example``.

Everybody who gets a message sees the addresses in it. Ordinary ones are made of names and of the words that offices are
called by (``booking@jail.county.example``); those say nothing. Any other listed word does, and a time beside it.
"""

import re
from typing import Final

from integration.domain.folding import reading
from integration.domain.messages.detectors import DETECTORS, Look, phrase_matches
from integration.domain.messages.names import are_joined
from integration.domain.messages.people import NOBODY, Named, Roster
from integration.domain.messages.times import whens
from integration.domain.messages.words import as_read, cut
from schemas.kinds import Category

OFFICES: Final = frozenset(
    """
    booking bookings bookins release releases records record intake jail jails gaol custody detention detentions
    corrections correctional prison prisons inmate inmates prisoner detainee court courts courthouse clerk clerks judge
    judges magistrate trial hearing hearings docket dockets jury prelim pretrial probation parole sentencing sentence
    warrant warrants detainer detainers bond bonds bail fines roster classification population housing house unit pod
    intakes visitation visits commissary kitchen medical clinic infirmary hospital mental health dental nurse
    transport transportation transports transfer transfers transit dispatch delivery deliveries extradition extraditions
    identification fingerprint fingerprints livescan photo photos mugshots forensic narcotics drugs drug gang gangs
    fugitive marshal marshals usms felony misdemeanor victim victims family families children child childrens
    kids social services service human resources hr jobs job careers employment employ employee employees
    employer works work worker workers public media press news info information contact email mail phone telephone fax
    mobile home homes homeless shelter address addresses license licenses licensing licence driver drivers vehicle
    vehicles plates plate school schools elementary church mosque annex barracks liberty harbor free freedom charge
    charges charging discharge process processing processed assault burglary robbery theft battery religious religion
    interpreter defender defenders solitary segregation trustee trustees kiosk lock garage gate gates door head go ready
    race sex age ages gender male female hair photograph photographs emergency facility facilities block building
    lunch dinner breakfast daily weekly hourly sun mon sat fri thu tue wed tom min am pm cob soc sid fbi truck
    sheriff deputy police county city town village department dept office division legal
    """.split()
)
"""Words that offices, places and people are called by, although a detector looks for them."""
_TIMES: Final = re.compile(
    r"(?:mon|tues|wednes|thurs|fri|satur|sun)days?|tomorrow|tonight|tonite|tmrw|tmw|noon|midnight|lunes|martes|"
    r"miercoles|jueves|viernes|sabado|domingo|"
    r"lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag"
)
"""Words for a time that are no part of an ordinary address."""
_GOING: Final = frozenset("out outs lobby curb sallyport pickup sale leaving leaves".split())
"""Words of going that nobody is called by."""
_INSIDE: Final = re.compile(
    r"releas(?:ed|ing)|sallyport|tomorrow|tonight|(?:mon|tues|wednes|thurs|fri|satur|sun)day(?=\d|$)|"
    r"incarcerat|detained|incustody|custod(?:y|ian)(?=\d)|pickup|pickhim|walksout|bondsout|gettingout|letout"
)
"""What a word that was run together is searched for: parts that no ordinary word has."""
_JOINED: Final = 9
"""Letters of a word that may be one run together."""
_APART: Final = re.compile(r"[^\w]+|_+|(?<=[a-z])(?=\d)|(?<=\d)(?=[a-z])", re.IGNORECASE)
_BARE_TIME: Final = re.compile(r"(?<![^\W_])(?:0\d|1[0-8]|2[1-3])[0-5]\d(?![^\W_])")
"""Four digits alone. A year is none."""
_AT: Final = re.compile(
    r"(?<![a-z])(?:releases?|released|discharged?|pickup|transports?|court|hearings?)[\W_]?(?:0\d|1[0-8]|2[1-3])[0-5]\d(?!\d)",
    re.IGNORECASE,
)
"""A time right behind what happens then, whoever's address it is: ``release1800``."""
_CLOCK: Final = re.compile(r"(?<![^\W_])(?:1[0-2]|[1-9])(?:[0-5]\d)?(?:am|pm)(?![^\W_])", re.IGNORECASE)
"""A time with its half of the day: ``6am``."""
_SOCIAL: Final = re.compile(r"(?<!\d)\d{3}[\W_]\d{2}[\W_]\d{4}(?!\d)")
"""A social security number: cut into words it would be three numbers like others."""
_LONGEST: Final = 400
"""Characters of the longest address."""

Sign = tuple[Category, str]


def signs_in(text: str, roster: Roster, *, certain: bool = False) -> set[Sign]:
    """Return what an address, a domain, a site or a line of a signature says besides whose it is.

    Args:
        text: one of them.
        roster: the people in custody.
        certain: it is a recipient or the sender of the envelope: its numbers and its names are its own.
    """
    seen = reading(text)
    if len(seen) > _LONGEST:
        return {(Category.OTHER, "long_address")}
    words = cut(as_read(_APART.sub(" ", seen)))
    found = _listed(" ".join(word for word in words.texts if word not in OFFICES), certain=certain)
    if any(_TIMES.fullmatch(word) for word in words.texts) or runs_together(seen):
        found.add((Category.RELEASE_TIME, "time_in_address"))
    if _AT.search(seen):
        found.add((Category.RELEASE_TIME, "time_in_address"))
    if not _GOING.isdisjoint(words.texts):
        found.add((Category.RELEASE_TIME, "going_in_address"))
    if not certain:
        if _BARE_TIME.search(seen) or _CLOCK.search(seen):
            found.add((Category.RELEASE_TIME, "time_in_address"))
        if _SOCIAL.search(seen):
            found.add((Category.PERSONAL, "social_security_number"))
        found |= {(Category.PERSONAL, "roster_name_in_address") for _ in _named_in(seen, roster).people}
    return found


def _named_in(text: str, roster: Roster) -> Named:
    return roster.named_in(cut(as_read(_APART.sub(" ", text))), frozenset()) if len(roster) else NOBODY


def runs_together(text: str) -> bool:
    """Tell whether a word of an address, or of a host's name, is made of words that tell something."""
    return any(map(_tells, re.split(r"[^a-z0-9]+", text.casefold())))


def _tells(piece: str) -> bool:
    if are_joined(piece) or _TIMES.fullmatch(piece) or _INSIDE.fullmatch(piece):
        return True
    return len(piece) >= _JOINED and _INSIDE.search(piece) is not None


def _listed(text: str, *, certain: bool) -> set[Sign]:
    words = cut(text)
    times = [] if certain else whens(text, words)
    look = Look(text, words, times, phrase_matches(words), NOBODY)
    found = {(category, name) for detector in DETECTORS for category, name in detector(look) if category is not None}
    # A number in it is a badge's or an account's; "time_alone" is judged above, by words that are nothing else.
    return {
        each
        for each in found
        if each[0] is not Category.CITIZENSHIP_OR_IMMIGRATION_STATUS
        and each[1] not in {"time_alone", "booking_number"}
        and not (certain and each[1] == "telephone_number")
    }
