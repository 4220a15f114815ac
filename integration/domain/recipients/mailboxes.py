"""Mail addresses as they are written and disguised: one plain mailbox, or a typed doubt (RFC 5321 section 4.1.2)."""

import re
from dataclasses import dataclass
from typing import Final

from integration.domain.recipients.doubts import Doubt
from integration.domain.recipients.hosts import is_address, plain_domain

_LONGEST: Final = 320
_UNPRINTABLE: Final = re.compile(r"[\x00-\x20\x7f-\xa0\u2028\u2029]")
_NAMED: Final = re.compile(r"(?P<name>[^<>@:;,\"]*|\s*\"[^<>@\"\\]*\"\s*)<(?P<address>[^<>]*)>\s*")
_QUOTED: Final = re.compile(r'"(?P<text>(?:[^"\\]|\\.)*)"@(?P<domain>[^@"]+)')
_PLAIN_LOCAL: Final = re.compile(r"[^\s@%!:,;<>()\[\]\"\\]{1,64}")
_SHAPES: Final = (
    # The first that fits names the doubt; a plain address fits none.
    (Doubt.SOURCE_ROUTE, re.compile(r"@[^:]*:.*")),
    (Doubt.ENCODED, re.compile(r".*=\?[^?]*\?[^?]*\?.*")),
    (Doubt.ADDRESS_LITERAL, re.compile(r"[^@]*@\[.*\]")),
    (Doubt.QUOTED_LOCAL_PART, re.compile(r'.*["\\].*')),
    (Doubt.GROUP, re.compile(r".*[:;].*")),
    (Doubt.SEVERAL_ADDRESSES, re.compile(r".*,.*|.*@.*@.*")),
    (Doubt.COMMENT, re.compile(r".*[()].*")),
    (Doubt.PERCENT_ROUTE, re.compile(r".*%.*")),
    (Doubt.BANG_PATH, re.compile(r".*!.*")),
)


_ENCAPSULATED: Final = re.compile(r"IMCEA([A-Za-z0-9]{1,20})-(.+)@[^@]+", re.IGNORECASE)
_OCTET: Final = re.compile(r"\+([0-9A-Fa-f]{2})")


@dataclass(frozen=True, slots=True)
class Mailbox:
    """One mail address as read."""

    local: str
    """Local part as written; of a doubtful address, all of it."""
    domain: str
    """Lower case, as A-labels; empty where there is none."""
    name: str
    """The display name that stands with it."""
    doubt: Doubt | None

    @property
    def key(self) -> str:
        """The mailbox itself: without case and ``+tag``, to be compared with others."""
        return alias_key(self.local, self.domain)


def read_mailbox(address: str) -> Mailbox:
    """Read one mail address, with or without angle brackets and a display name. Never raises."""
    stripped = address.strip(" \t")
    if not any(map(str.isalnum, stripped)):
        return Mailbox(stripped, "", "", Doubt.EMPTY)
    named = _NAMED.fullmatch(stripped)
    name, plain = (named["name"].strip().strip('"'), named["address"].strip(" \t")) if named else ("", stripped)
    if len(plain) > _LONGEST:
        return Mailbox(plain, "", name, Doubt.TOO_LONG)
    quoted = _QUOTED.fullmatch(plain)
    if quoted and _PLAIN_LOCAL.fullmatch(quoted["text"]):
        plain = f"{quoted['text']}@{quoted['domain']}"  # "jane.roe"@court.gov is jane.roe@court.gov.
    for doubt, shape in _SHAPES:
        if shape.fullmatch(plain):
            return Mailbox(plain, plain_domain(plain.rpartition("@")[2]) or "", name, doubt)
    if _UNPRINTABLE.search(plain):
        return Mailbox(plain, "", name, Doubt.UNPRINTABLE)
    local, at, said = plain.rpartition("@")
    if not at or not _PLAIN_LOCAL.fullmatch(local):
        return Mailbox(plain, "", name, Doubt.NO_ADDRESS)
    domain = plain_domain(said)
    return Mailbox(local, domain or "", name, _domain_doubt(domain))


def encapsulated(address: str) -> str | None:
    """Return the address that another stands for, as Exchange writes it; None where it is no such address.

    ``IMCEASMTP-agent+40ice+2Edhs+2Egov@county.example`` goes to ``agent@ice.dhs.gov`` ([MS-OXOABK], encapsulated
    addresses): ``+`` and two hexadecimal digits are a character, ``_`` is a slash.
    """
    found = _ENCAPSULATED.fullmatch(address.strip(" \t<>"))
    if found is None:
        return None
    return _OCTET.sub(lambda octet: chr(int(octet[1], 16)), found[2].replace("_", "/"))


def _domain_doubt(domain: str | None) -> Doubt | None:
    if domain is None:
        return Doubt.BAD_DOMAIN
    if is_address(domain):
        return Doubt.ADDRESS_LITERAL
    top = domain.rpartition(".")[2]
    if "." not in domain:
        return Doubt.UNQUALIFIED_DOMAIN
    return Doubt.BAD_DOMAIN if top.isdigit() or "_" in top else None


def alias_key(local: str, domain: str) -> str:
    """Write an address as directories list it: lower case, without a ``+tag``."""
    return f"{local.partition('+')[0].casefold()}@{domain}"
