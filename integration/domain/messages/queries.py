"""Texts of the police networks: what a query discloses by being sent, and where it goes (Nlets; LESC).

An immigration alien query (``IAQ``) has a required custody flag and goes to the Law Enforcement Support Center: sending
it tells an immigration authority that somebody is, or is not, in custody.
"""

import re
from typing import Final

from integration.domain.agencies import Directory
from integration.domain.folding import fold

_QUERY: Final = re.compile(
    r"(?<![\w])iaq\s?[./*:|]|(?<![\w])iaq\b(?=[\s\S]{0,400}?(?:\b(?:nam|cus|pur|dob|pob|sex|atn|phn|off|fbi|arn)/|\.txt\b))"
    r"|\b(?:nlets|lesc|send|sent|run|ran|submit|submitted|the|an|our|this)\s+iaq\b(?!\s*(?:test|testing|report|survey|study|sensor|monitor))"
    r"|\biaq\s+(?:query|inquiry|request|message|sent|to)\b|\bimmigration alien (?:query|inquiry)\b|\balien query\b"
)
_FLAG: Final = re.compile(r"\bcus\s?/\s?[yn]\b")
_MESSAGE: Final = re.compile(
    r"(?<![\w])(?P<kind>am|aml|iaq|iar|hq|yq|yr|np|aq|ar|nq|dq|rq|fq|fr|kq|kr|bq|br|aml?)\s?\.\s?"
    r"(?P<origin>[a-z0-9]{7,9})\s?\.(?:[\w*]{0,40}\.)?(?P<to>[a-z0-9]{2,9}(?:\s?,\s?[a-z0-9]{2,9}){0,20})\s?\.(?:\*?[\w]{0,20}\.)?\s?txt\b"
)
_FIELDS: Final = re.compile(r"\b(?:nam|dob|sex|pob|cus|off|pur|atn)/")
_ENOUGH_FIELDS: Final = 3
_MOST_QUERIES: Final = 20
_LONGEST: Final = 200_000
"""Characters that are looked at; a network's message is far shorter."""


def is_custody_query(text: str) -> bool:
    """Tell whether a text is a query whose very sending says that somebody is in custody."""
    folded = fold(text[:_LONGEST])
    # The patterns are slow over a long text, and each of them needs one of these words.
    named = "iaq" in folded or "alien" in folded
    if named and (folded.count("iaq") > _MOST_QUERIES or _QUERY.search(folded)):
        return True
    # The custody flag among the fields of a query: whatever its head says, it is one.
    return _has_fields(folded) and ("iaq" in folded or _FLAG.search(folded) is not None)


def is_network_message(text: str) -> bool:
    """Tell whether a text is a message of the police network, by its head or by its fields."""
    folded = fold(text[:_LONGEST])
    if "txt" in folded and _MESSAGE.search(folded):
        return True
    return _has_fields(folded)


def _has_fields(folded: str) -> bool:
    return folded.count("/") >= _ENOUGH_FIELDS and len(set(_FIELDS.findall(folded))) >= _ENOUGH_FIELDS


def destinations_in(text: str) -> tuple[str, ...]:
    """Return the destinations that the head of a network message names: ORIs and codes such as ``AX``, upper case."""
    folded = fold(text[:_LONGEST])
    heads = _MESSAGE.finditer(folded) if "txt" in folded else ()
    found = [each.strip().upper() for head in heads for each in head["to"].split(",")]
    return tuple(dict.fromkeys(found))


def goes_to(directory: Directory, text: str) -> bool:
    """Tell whether the head of a network message names one of these agencies as a destination."""
    return any(directory.has_ori(destination) for destination in destinations_in(text))
