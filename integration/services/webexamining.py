"""Reading an HTTP request for the gate: to whom it goes, and what it gives away."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from integration.contents.reader import LIMITS, Limits
from integration.contents.web import WebMessage, WebReading, read_web
from integration.domain.messages.content import judge
from integration.domain.messages.people import Roster
from integration.domain.parameters import Parameters
from integration.domain.recipients.reach import Reach, reach_of
from integration.services import examining
from integration.services.examining import NO_ROSTER, Examined, Reached
from schemas.kinds import RecipientClass

_WORDS: Final = re.compile(r"[a-z]+")
_CAMEL: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_GOES_ON: Final = frozenset(
    "to cc bcc rcpt recipient recipients addressee addressees destination destinations dest forward mailto notify "
    "deliver fax callback webhook subscriber subscribers".split()
)
"""Words in the name of a field that says to whom something goes on."""
_BESIDES: Final = frozenset({"fax", "cc", "bcc"})
_LONGEST: Final = 2_000


@dataclass(frozen=True, slots=True)
class WebTarget:
    """Where a request goes."""

    base: str
    """The upstream's URL, as the settings have it, or ``https://host`` as the proxy says."""
    agency: str | None = None
    """Who runs it, in the settings' words."""
    path_is_known: bool = False
    """The path is one that the settings list."""


def examine_web(
    message: WebMessage,
    target: WebTarget,
    parameters: Parameters,
    *,
    roster: Roster = NO_ROSTER,
    limits: Limits = LIMITS,
) -> Examined:
    """Examine one request to one upstream. Never raises."""
    reading = read_web(message, path_is_known=target.path_is_known, limits=limits)
    url = target.base.rstrip("/") + message.path
    content = judge(reading.views, roster)
    recipient = Reached(url, "envelope", reach_of(parameters, address=url, agency=target.agency, mail=False))
    evidence = [
        *_goes_on(reading, parameters),
        *examining.in_headers(reading.addresses, parameters),
        *examining.in_text((view.text for view in reading.views), parameters, content),
    ]
    unread = examining.with_roster(reading.unread, roster)
    purpose = examining.purpose_of(None, content, [recipient])
    return Examined((recipient,), tuple(evidence), content, unread, purpose=purpose).alone(0)


def _goes_on(reading: WebReading, parameters: Parameters) -> Iterator[Reached]:
    """Yield whom the request says it is passed on to: what a sending service does with it is the jail's message too."""
    for name, value in reading.fields:
        if not value or len(value) > _LONGEST:
            continue
        said = set(_WORDS.findall(_CAMEL.sub(" ", name).casefold()))
        if not said & _GOES_ON:
            continue
        for reach in _reaches(value, said, parameters):
            if reach.party is not RecipientClass.OTHER and (reach.doubt is None or "@" in value):
                # Not a header that may say anything: whoever takes the request acts on it.
                yield Reached(value, "text", reach)


def _reaches(value: str, said: set[str], parameters: Parameters) -> Iterator[Reach]:
    for each in re.split(r"[,;\n]", value):
        if "@" in each or "//" in each:
            yield reach_of(parameters, address=each.strip(), mail="//" not in each)
        elif each.strip():
            number = each if said & _BESIDES or not each.strip(" +-.()0123456789") else None
            yield reach_of(parameters, number=number, agency=None if number else each)
