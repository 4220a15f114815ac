"""Reading an HTTP request for the gate: to whom it goes, and what it gives away."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from integration.contents.reader import LIMITS, Limits
from integration.contents.web import WebMessage, WebReading, read_web
from integration.domain.messages.content import judge
from integration.domain.messages.people import Roster
from integration.domain.parameters import Parameters
from integration.domain.recipients.doubts import Doubt
from integration.domain.recipients.numbers import digits_of
from integration.domain.recipients.reach import By, Reach, reach_of
from integration.services import examining
from integration.services.examining import NO_ROSTER, Examined, Reached
from schemas.kinds import RecipientClass

_WORDS: Final = re.compile(r"[a-z]+")
_CAMEL: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_GOES_ON: Final = frozenset(
    "to cc bcc rcpt recipient recipients addressee addressees destination destinations dest forward mailto notify "
    "deliver fax callback webhook subscriber subscribers sendto receiver receivers target targets endpoint".split()
)
"""Words in the name of a field, or of a table around it, that says to whom something goes on."""
_BESIDES: Final = frozenset({"fax", "cc", "bcc"})
_LONGEST: Final = 2_000
_LONGEST_NAME: Final = 100
"""Of an agency in a table that says to whom it goes on: what is longer there is the message."""
_WHOLE: Final = re.compile(
    r"(?:[^<>@]{0,200}<)?(?:mailto:)?[^\s<>@]{1,200}@[^\s<>@]{1,255}>?"  # an address, with a name or without
    r"|https?://\S+"
    r"|(?:[a-z]{2,10}:)?[+(]{0,2}\d[\d\s().+#x/-]{8,28}",  # a number as it is dialled
    re.IGNORECASE,
)
_MOST_DIGITS: Final = 15
"""Of a telephone number with its country code (E.164), or with an extension."""
_NOBODY: Final = Reach(RecipientClass.OTHER, By.NOTHING)
_LISTED: Final = frozenset({By.DOMAIN, By.ROUTE, By.ALIAS, By.NUMBER})


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
    if reading.crowded:
        yield Reached("", "text", Reach(RecipientClass.IMMIGRATION_AUTHORITY, By.DOUBT, Doubt.UNPRINTABLE))
    for field in reading.fields:
        own, around = _said(field.names[-1:]), _said(field.names[:-1])
        # A table may be named by whom it is for.
        named = [name for name in field.names if "@" in name]
        for each in (*re.split(r"[,;\n]", field.value), *named):
            value = each.strip()
            if not value or len(value) > _LONGEST:
                continue
            if own & _GOES_ON or (around & _GOES_ON and (len(value) <= _LONGEST_NAME or _WHOLE.fullmatch(value))):
                reach = _reach(value, own | around, parameters)
                certain = reach.doubt is None or "@" in value
            else:
                # Not a word of its name says so: only what is plainly the address or the number of a listed one.
                whole = _WHOLE.fullmatch(value) and ("@" in value or "//" in value or _dialled(value))
                reach = _reach(value, own, parameters) if whole else _NOBODY
                certain = reach.by in _LISTED
            # Not a header that may say anything: whoever takes the request acts on it.
            if certain and reach.party is not RecipientClass.OTHER:
                yield Reached(value, "text", reach)


def _dialled(value: str) -> bool:
    return len(digits_of(value)) <= _MOST_DIGITS


@lru_cache(maxsize=1024)
def _said(names: tuple[str, ...]) -> frozenset[str]:
    return frozenset(word for name in names for word in _WORDS.findall(_CAMEL.sub(" ", name).casefold()))


def _reach(value: str, said: frozenset[str], parameters: Parameters) -> Reach:
    if "@" in value or "//" in value:
        return reach_of(parameters, address=value, mail="//" not in value)
    number = value if said & _BESIDES or not value.strip(" +-.()0123456789") or _WHOLE.fullmatch(value) else None
    return reach_of(parameters, number=number, agency=None if number else value)
