"""Whom one recipient is: an immigration authority, a 287(g) partner, somebody else; in doubt the first."""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Final, NamedTuple
from urllib.parse import unquote, urlsplit

from integration.domain.agencies import Directory
from integration.domain.folding import alphanumeric
from integration.domain.neverheld import NeverHeld, Service
from integration.domain.parameters import Parameters
from integration.domain.recipients.doubts import Doubt
from integration.domain.recipients.hosts import hosts_in, is_listed, looks_listed
from integration.domain.recipients.mailboxes import Mailbox, alias_key, encapsulated, read_mailbox
from integration.domain.recipients.numbers import SHORTEST, digits_of, has_number, has_reversed, is_local
from schemas.kinds import RecipientClass

_ORDER: Final = (RecipientClass.OTHER, RecipientClass.PARTNER_287G, RecipientClass.IMMIGRATION_AUTHORITY)
"""Least governed first."""
_FEDERAL_ORI: Final = re.compile(r"[A-Z]{2}(?:ICE|INS|CBP|HSI|CIS|ERO)[A-Z0-9]{3,4}")
"""State, then the agency's own letters, as federal identifiers have them."""


_DIALLED: Final = re.compile(r"[\d().+-]{7,20}")
"""A local part that is a telephone number and nothing else."""


class By(StrEnum):
    """What a recipient was known by."""

    DOMAIN = "domain"
    ROUTE = "route"
    """A domain elsewhere in the address: in a route, a quoted part, a query."""
    ALIAS = "alias"
    NAME = "name"
    ORI = "ori"
    NUMBER = "number"
    LOCAL_PART = "local_part"
    NEVER_HELD = "never_held"
    """A recipient that the pack never lets wait: a court, a victim notification service."""
    DOUBT = "doubt"
    NOTHING = "nothing"
    """No list knows it."""


_REMEMBERED: Final = 4096
"""Recipients of a pack that are not looked up again: a county writes to the same few every day."""
_LONGEST_REMEMBERED: Final = 1000
"""Characters of all that is said of one. What is longer is no office, and not kept in memory."""
_LOOSELY: Final = frozenset({By.NAME, By.LOCAL_PART})
"""Known by words that others have in their names too."""


@dataclass(frozen=True, slots=True)
class Reach:
    """Whom a recipient is, what says so, and why that is doubtful if it is."""

    party: RecipientClass
    by: By
    doubt: Doubt | None = None
    service: Service | None = None
    """With `By.NEVER_HELD`: what it is there for."""


def reach_of(
    parameters: Parameters,
    *,
    address: str | None = None,
    agency: str | None = None,
    ori: str | None = None,
    number: str | None = None,
    mail: bool = True,
) -> Reach:
    """Tell whom one recipient is. What cannot be read for certain is treated as an immigration authority.

    Args:
        parameters: the pack's directories.
        address: an e-mail address; on other channels a URL, a topic, an ORI or whatever the channel calls it.
        agency: the agency's name.
        ori: its originating agency identifier.
        number: its fax or telephone number.
        mail: whether the channel is e-mail, where an address has to be one.
    """
    lists = _Lists(parameters.immigration_authorities, parameters.partner_agencies_287g, parameters.never_held)
    length = sum(len(text) for text in (address, agency, ori, number) if text)
    look_up = _remembered if length <= _LONGEST_REMEMBERED else _reach
    return look_up(lists, _Said(address, agency, ori, number, mail=mail))


class _Lists(NamedTuple):
    """Who is listed. Directories are equal to themselves alone: another pack has other answers."""

    authorities: Directory
    partners: Directory
    never_held: tuple[NeverHeld, ...]


class _Said(NamedTuple):
    """What is said of a recipient: the arguments of `reach_of`."""

    address: str | None
    agency: str | None
    ori: str | None
    number: str | None
    mail: bool


def _reach(lists: _Lists, recipient: _Said) -> Reach:
    address, agency, ori, number, mail = recipient
    if address and (inner := encapsulated(address)) is not None:
        # It goes where the address inside says, by way of the one outside.
        fax = None if "@" in inner else inner
        within = _reach(lists, _Said(None if fax else inner, agency, ori, fax or number, mail=True))
        if within.by is By.DOUBT and within.doubt is Doubt.SHORT_NUMBER:
            within = Reach(RecipientClass.OTHER, By.NOTHING)  # An internal name, as of IMCEAEX, is no number.
        if within.party is not RecipientClass.OTHER:
            return within
        address = f"encapsulated@{address.rpartition('@')[2]}"  # Of any length, and of no other meaning.
    said = [text for text in (address, agency, ori, number) if text and any(map(str.isalnum, text))]
    if not said:
        return Reach(RecipientClass.IMMIGRATION_AUTHORITY, By.DOUBT, Doubt.EMPTY)
    addressed = address if address in said else None
    mailbox = read_mailbox(addressed) if addressed and (mail or _is_mailbox(addressed)) else None
    names = [text for text in said if text is not addressed or mailbox is None]
    known: Reach | None = None
    for party, directory in (
        (RecipientClass.IMMIGRATION_AUTHORITY, lists.authorities),
        (RecipientClass.PARTNER_287G, lists.partners),
    ):
        by = _known_by(directory, names, addressed, mailbox)
        if by is not None:
            known = Reach(party, by)
            break
    if known is not None and known.party is RecipientClass.IMMIGRATION_AUTHORITY:
        return known
    doubt = _doubt(lists.authorities, said, ori, mailbox, number)
    if doubt is not None:
        return Reach(RecipientClass.IMMIGRATION_AUTHORITY, By.DOUBT, doubt)
    service = _service(lists.never_held, mailbox=mailbox, address=addressed, ori=ori, number=number)
    if service is not None and (known is None or known.by in _LOOSELY):
        # A court in a partner's county is no partner; the partner itself is one, whatever else it is listed as.
        return Reach(RecipientClass.OTHER, By.NEVER_HELD, service=service)
    return known or Reach(RecipientClass.OTHER, By.NOTHING)


_remembered: Final = lru_cache(maxsize=_REMEMBERED)(_reach)


def _service(
    never_held: tuple[NeverHeld, ...],
    *,
    mailbox: Mailbox | None,
    address: str | None,
    ori: str | None,
    number: str | None,
) -> Service | None:
    """Tell which service a recipient is that is never held up. Everything that says where it is has to be listed."""
    for entry in never_held:
        said = [
            *([entry.has_mailbox(mailbox.local, mailbox.domain)] if mailbox else []),
            *([entry.has_host(_host_of(address)) or entry.has_ori(address)] if address and mailbox is None else []),
            *([entry.has_ori(ori)] if ori else []),
            *([entry.has_number(number)] if number else []),
        ]
        if said and all(said):
            return entry.service
    return None


def _is_mailbox(address: str) -> bool:
    return "@" in address and "//" not in address


def _known_by(directory: Directory, names: list[str], address: str | None, mailbox: Mailbox | None) -> By | None:
    if mailbox is not None and (by := _mailbox_by(directory, mailbox)) is not None:
        return by
    if address is not None and _leads_to(directory, address, is_mail=mailbox is not None):
        return By.ROUTE if mailbox is not None else By.DOMAIN
    if mailbox is not None and (directory.has_name(mailbox.local) or directory.has_ori(mailbox.local)):
        return By.LOCAL_PART
    return next((by for text in names if (by := _text_by(directory, text)) is not None), None)


def _text_by(directory: Directory, text: str) -> By | None:
    """Tell by what a text names one of these agencies, whichever field it stands in."""
    if directory.has_name(text):
        return By.NAME
    if directory.has_ori(text):
        return By.ORI
    return By.NUMBER if has_number(directory, text) else None


def _leads_to(directory: Directory, address: str, *, is_mail: bool) -> bool:
    """Tell whether a listed domain stands anywhere in an address, whatever the syntax around it."""
    plain = unquote(unquote(address))
    hosts = hosts_in(address) + hosts_in(plain)
    if not is_mail:
        hosts += hosts_in(_host_of(plain))
    return any(is_listed(directory, host) or has_reversed(directory, host) for host in hosts)


def _host_of(address: str) -> str:
    """Return the host of a URL as the standard reads it; empty where there is none."""
    try:
        return urlsplit(address if "//" in address else f"//{address}").hostname or ""
    except ValueError:
        return ""


def _mailbox_by(directory: Directory, mailbox: Mailbox) -> By | None:
    if mailbox.domain and is_listed(directory, mailbox.domain):
        return By.DOMAIN
    if alias_key(mailbox.local, mailbox.domain) in directory.addresses:
        return By.ALIAS
    if directory.has_name(mailbox.name):
        return By.NAME
    return By.NUMBER if has_number(directory, mailbox.local) else None


def _doubt(
    authorities: Directory, said: list[str], ori: str | None, mailbox: Mailbox | None, number: str | None
) -> Doubt | None:
    if mailbox is not None and (doubt := mailbox.doubt or _seems_listed(authorities, mailbox)) is not None:
        return doubt
    if any(_FEDERAL_ORI.fullmatch(alphanumeric(text).upper()) for text in ([ori] if ori else [])):
        return Doubt.AGENCY_ORI
    if number and number in said:
        if is_local(authorities, number):
            return Doubt.LOCAL_NUMBER
        if len(said) == 1 and len(digits_of(number)) < SHORTEST:
            return Doubt.SHORT_NUMBER
    return None


def _seems_listed(authorities: Directory, mailbox: Mailbox) -> Doubt | None:
    if looks_listed(authorities, mailbox.domain):
        return Doubt.LOOK_ALIKE
    if _DIALLED.fullmatch(mailbox.local) and is_local(authorities, mailbox.local):
        return Doubt.LOCAL_NUMBER  # Fax by mail.
    return None


def farthest(reaches: list[RecipientClass]) -> RecipientClass:
    """One immigration authority among the recipients makes it a message to one."""
    return max(reaches, key=_ORDER.index, default=RecipientClass.OTHER)
