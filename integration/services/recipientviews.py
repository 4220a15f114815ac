"""What the fields of a recipient say besides who it is: they reach whoever gets the message, as its text does."""

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import unquote, urlsplit

from integration.domain.agencies import words
from integration.domain.messages.content import categories_in
from integration.domain.messages.people import Roster
from integration.domain.messages.views import Kind, View
from integration.domain.parameters import Parameters
from integration.domain.recipients.hosts import plain_domain
from integration.domain.recipients.mailboxes import read_mailbox
from integration.domain.recipients.numbers import on_keypad
from schemas.kinds import Category
from schemas.requests import Recipient

_SEPARATORS: Final = re.compile(r"[._+\-/?&=#%:~]+")
_CLOCK: Final = re.compile(r"(?<!\d)(?:[01]\d|2[0-3])[0-5]\d(?!\d)")
_DIALLED: Final = re.compile(r"[0-9A-Za-z ().+-]{7,24}")
_NATIONAL: Final = 10
_PREFIXES: Final = frozenset({"", "1", "001", "0111", "9", "91"})
"""What may come before a ten digit number: the country code, a way out of the house or of the country."""
_LONGEST_ORI: Final = 12
_SAYS_NOTHING: Final = frozenset({Category.OTHER, Category.CITIZENSHIP_OR_IMMIGRATION_STATUS})


def views_of(recipient: Recipient, parameters: Parameters, roster: Roster) -> Iterator[View]:
    """Yield whatever in a governed recipient's fields is not exactly what a directory of the pack lists.

    A mailbox and a host name are letters that somebody chose: of them counts only what plainly tells something.

    Args:
        recipient: as it was given.
        parameters: the pack's directories.
        roster: the people in custody.
    """
    for how, text in _said(recipient, parameters):
        yield View("recipient", how, Kind.NAME, text)
    for how, text in _chosen(recipient.address or ""):
        plain = _SEPARATORS.sub(" ", text).strip()
        # Four digits may be an account's, and hide no word that they are run together with: ``rls0600``.
        if any(categories_in(each, roster) - _SAYS_NOTHING for each in (plain, _CLOCK.sub(" ", plain))):
            yield View("recipient", how, Kind.NAME, plain)


def _said(recipient: Recipient, parameters: Parameters) -> Iterator[tuple[str, str]]:
    known = (parameters.immigration_authorities, parameters.partner_agencies_287g)
    if (name := recipient.agency) and not any(
        words(name) == words(listed.removeprefix("=")) for each in known for listed in each.names
    ):
        yield "agency", name
    if (ori := recipient.ori) and (len(ori) > _LONGEST_ORI or not any(each.has_ori(ori) for each in known)):
        yield "ori", ori
    if (number := recipient.number) and not any(_is_number(number, each.numbers) for each in known):
        yield "number", number
    address = recipient.address or ""
    if "//" in address:
        yield from _of_url(address)
    elif "@" in address:
        mailbox = read_mailbox(address)
        yield "display name", mailbox.name
        yield "address tag", mailbox.local.partition("+")[2]
    elif not any(
        _is_number(address, each.numbers) or each.has_ori(address) or plain_domain(address) in each.domains
        for each in known
    ):
        yield "address", address


def _of_url(url: str) -> Iterator[tuple[str, str]]:
    try:
        parts = urlsplit(url)
    except ValueError:
        yield "url", url
        return
    userinfo = parts.netloc.rpartition("@")[0]
    for how, text in (
        ("scheme", "" if parts.scheme in {"http", "https"} else parts.scheme),
        ("userinfo", userinfo),
        ("path", parts.path),
        ("query", parts.query),
        ("fragment", parts.fragment),
    ):
        yield f"url {how}", _SEPARATORS.sub(" ", unquote(unquote(text))).strip()


def _chosen(address: str) -> Iterator[tuple[str, str]]:
    if "//" in address:
        yield "url host", address.partition("//")[2].partition("/")[0].rpartition("@")[2]
    elif "@" in address:
        mailbox = read_mailbox(address)
        yield "local part", mailbox.local.partition("+")[0]
        yield "domain", mailbox.domain


def _is_number(text: str, listed: frozenset[str]) -> bool:
    """Tell whether a text is a listed number and nothing else: no extension, no word."""
    digits = on_keypad(text) if _DIALLED.fullmatch(text) else ""
    return digits[-_NATIONAL:] in listed and digits[:-_NATIONAL] in _PREFIXES
