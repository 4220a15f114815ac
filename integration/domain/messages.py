"""Outgoing messages: who is at the other end, and what the message gives away (section 6).

Categories are never taken on the sender's word: words found in the text count beside the stated ones, and a text in
which nothing is recognised counts as ``other``, because what cannot be read is not guessed.
"""

import re
import unicodedata
from typing import Final
from urllib.parse import urlsplit

from integration.domain.agencies import Directory
from integration.domain.parameters import Parameters
from schemas.kinds import Category, RecipientClass

_ORDER: Final = (RecipientClass.OTHER, RecipientClass.PARTNER_287G, RecipientClass.IMMIGRATION_AUTHORITY)
"""Least governed first."""

_WORDS: Final = (
    (
        Category.RELEASE_TIME,
        r"releas\w*|discharg\w*|get(?:ting|s)? out|bond(?:ed|ing)? out|bail\w*|pick-?up|ready at|available (?:at|for)",
    ),
    (
        Category.CUSTODY_STATUS,
        r"custody|in jail|inmate|booked|booking|detained|incarcerat\w*|arrest\w*|cell|housing|being held|CUS/[YN]",
    ),
    (
        Category.DETENTION_LENGTH,
        r"sentence\w*|days? (?:served|left|remaining)|time served|length of (?:stay|detention)",
    ),
    (Category.HEARING, r"hearing|court ?(?:date|appearance|room)|arraign\w*|docket"),
    (
        Category.HOME_ADDRESS,
        r"home address|resid(?:es|ence|ing)|lives (?:at|in|on)|\d+ \w+ (?:street|st|avenue|ave|road|rd)\b",
    ),
    (Category.WORK_ADDRESS, r"work(?:s|place| address)|employ\w*|job site"),
    (Category.PERSONAL, r"date of birth|DOB|SSN|social security|phone|height|weight|tattoo\w*|photo\w*|vehicle"),
    (Category.PLACE_OF_BIRTH, r"born in|place of birth|country of birth|birthplace|POB"),
    (
        Category.CITIZENSHIP_OR_IMMIGRATION_STATUS,
        r"citizen\w*|immigration status|nationalit\w*|alien number|A-?number|lawful(?:ly)? present|undocumented|visa",
    ),
)
_FOUND_BY: Final = tuple(
    (category, re.compile(rf"(?<!\w)(?:{words})(?!\w)", re.IGNORECASE)) for category, words in _WORDS
)
_CAMEL: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")
_SHORTEST_NUMBER: Final = 7
_CUSTODY_QUERY: Final = re.compile(r"\bIAQ\b", re.IGNORECASE)
"""An immigration alien query carries a custody flag: sending it discloses custody (section 6)."""


def categories_in(text: str) -> frozenset[Category]:
    """Return the categories that a text gives away; ``other`` where nothing is recognised in it."""
    if not text.strip():
        return frozenset()
    # "custody_status" and "homeAddress" are words too, where a system writes the text.
    spaced = _CAMEL.sub(" ", text).replace("_", " ")
    found = frozenset(category for category, words in _FOUND_BY if words.search(spaced))
    if is_custody_query(text):
        found |= {Category.CUSTODY_STATUS}
    return found or frozenset({Category.OTHER})


def is_custody_query(text: str) -> bool:
    """Tell whether a text is a query whose very sending says that somebody is in custody."""
    return bool(_CUSTODY_QUERY.search(text))


_SEVERAL: Final = re.compile(r"[@,;%\s]")
"""In the local part: several addresses in one field, or a route through another host. Not guessed."""


def domain_of(address: str) -> str | None:
    """Return the domain of an e-mail address in lower case, as A-labels; None for what is no plain address."""
    local, at, domain = address.strip().strip("<>").rpartition("@")
    if not at or not local or _SEVERAL.search(local):
        return None
    try:
        plain = domain.rstrip(".").encode("idna").decode("ascii").casefold()
    except UnicodeError:
        return None
    return plain if re.fullmatch(r"[a-z0-9-]+(?:\.[a-z0-9-]+)+", plain) else None


def has_domain(directory: Directory, domain: str) -> bool:
    """Tell whether a domain is listed or lies below a listed one; ``justice.gov`` is not ``ice.gov``."""
    return any(domain == listed or domain.endswith("." + listed) for listed in directory.domains)


def has_number(directory: Directory, number: str) -> bool:
    """Tell whether a telephone or fax number is listed, however it is written."""
    plain = unicodedata.normalize("NFKC", number)
    digits = "".join(str(unicodedata.digit(character)) for character in plain if character.isdecimal())
    # An extension may follow and a country code come before, so a listed number counts wherever it stands.
    return len(digits) >= _SHORTEST_NUMBER and any(listed in digits for listed in directory.numbers)


def reach_of(
    parameters: Parameters,
    *,
    address: str | None = None,
    agency: str | None = None,
    ori: str | None = None,
    number: str | None = None,
    mail: bool = True,
) -> RecipientClass | None:
    """Tell whom one recipient is. None: it says nothing that can be read, so it may be anybody.

    Args:
        parameters: the pack's directories.
        address: an e-mail address; on other channels a URL, a topic, an ORI or whatever the channel calls it.
        agency: the agency's name.
        ori: its originating agency identifier.
        number: its fax or telephone number.
        mail: whether the channel is e-mail, where an address has to be one.
    """
    said = [text for text in (address, agency, ori, number) if text and any(map(str.isalnum, text))]
    domain = _domain(address, mail=mail) if address in said and address else None
    if not said or (mail and address in said and domain is None):
        return None
    for reach, directory in (
        (RecipientClass.IMMIGRATION_AUTHORITY, parameters.immigration_authorities),
        (RecipientClass.PARTNER_287G, parameters.partner_agencies_287g),
    ):
        if (domain and has_domain(directory, domain)) or any(_is_one(directory, text) for text in said):
            return reach
    return RecipientClass.OTHER


def _domain(address: str, *, mail: bool) -> str | None:
    if mail or "@" in address:
        return domain_of(address)
    host = urlsplit(address if "//" in address else f"//{address}").hostname
    return domain_of(f"x@{host}") if host else None


def _is_one(directory: Directory, text: str) -> bool:
    """Tell whether a text names one of these agencies, whichever field it stands in."""
    return directory.has_name(text) or directory.has_ori(text) or has_number(directory, text)


def farthest(reaches: list[RecipientClass]) -> RecipientClass:
    """One immigration authority among the recipients makes it a message to one."""
    return max(reaches, key=_ORDER.index)
