"""Recipients whose mail is never held up: courts, victim notice, fingerprint submissions, medical care (section 6).

They are known narrowly, by exactly what a pack lists: whoever is on this list is asked fewer questions, so in doubt a
recipient is not on it. It lists nobody whom a directory of immigration authorities knows: that one comes first.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from integration.domain.folding import alphanumeric

_DIALLED: Final = re.compile(r"[0-9 ().+-]+")
_NATIONAL: Final = 10
_PREFIXES: Final = ("1", "001", "0111")
"""What may come before a ten digit number: the country code, with or without a way out of the country."""


class Service(StrEnum):
    """What such a recipient is there for."""

    COURT = "court"
    VICTIM_NOTICE = "victim_notice"
    """Victim notification services such as VINE."""
    FINGERPRINTS = "fingerprints"
    """Fingerprint submissions: the state bureau and FBI CJIS. What the FBI has, ICE has too, by federal design."""
    MEDICAL = "medical"


@dataclass(frozen=True, slots=True, eq=False)
class NeverHeld:
    """One entry of a pack: some recipients of one service, and why they stand there."""

    service: Service
    because: str
    domains: tuple[str, ...] = ()
    """Lower case, as A-labels. Each stands for what lies below it, too."""
    addresses: frozenset[str] = frozenset()
    """Mail addresses, lower case. A ``+tag`` makes another address."""
    oris: frozenset[str] = frozenset()
    numbers: frozenset[str] = frozenset()
    """Ten digits."""

    def has_mailbox(self, local: str, domain: str) -> bool:
        """Tell whether a plain mailbox is listed. Args: ``domain`` in lower case, as A-labels."""
        below = any(domain == listed or domain.endswith("." + listed) for listed in self.domains)
        return bool(domain) and (below or f"{local.casefold()}@{domain}" in self.addresses)

    def has_host(self, domain: str) -> bool:
        """Tell whether a host is listed, for channels that reach hosts and not mailboxes."""
        return any(domain == listed or domain.endswith("." + listed) for listed in self.domains)

    def has_ori(self, ori: str) -> bool:
        """Tell whether an originating agency identifier is listed; only letters and digits count."""
        return alphanumeric(ori).upper() in self.oris

    def has_number(self, text: str) -> bool:
        """Tell whether a text is a listed number and nothing else: no extension, no letter."""
        if not _DIALLED.fullmatch(text):
            return False
        digits = "".join(filter(str.isdigit, text))
        return digits[-_NATIONAL:] in self.numbers and digits[:-_NATIONAL] in ("", *_PREFIXES)
