"""Texts of the police networks: what a query discloses by being sent, and where it goes (Nlets; LESC).

An immigration alien query (``IAQ``) has a required custody flag and goes to the Law Enforcement Support Center: sending
it tells an immigration authority that somebody is, or is not, in custody.
"""

import re
from bisect import bisect_right
from functools import lru_cache
from typing import Final

from integration.domain.agencies import Directory
from integration.domain.folding import fold

_NAMED: Final = re.compile(
    r"(?<!\w)iaq\b(?!\W*(?:test|testing|report|survey|study|sensor|monitor))|\balien (?:query|inquiry)\b"
)
"""The query by its name: in a text for people a word among others, on the network itself the query."""
_SENT: Final = re.compile(
    r"\b(?P<did>sent|ran|submitted|send|run|submit)\s(?:(?:the|an?|our|this|your)\s)?"
    r"(?:iaq|(?:immigration\s)?alien\s(?:query|inquiry))\b"
    r"(?!\s*(?:test|testing|report|survey|study|sensor|monitor))(?P<about>\s(?:on|for|about|re|regarding)\b(?!\s(?:an?|any|"
    r"every|each|all|everybody|everyone|anybody|anyone|no|foreign|noncitizens?|aliens?|arrestees?|inmates?|people|persons?|"
    r"subjects?)\b))?"
)
"""Somebody has sent one, or is asked to send one about somebody. A rule about sending them is none."""
_ASKED: Final = frozenset({"send", "run", "submit"})
_NEAR_NOT: Final = 40
_NOT: Final = re.compile(r"(?:\bno|\bnot|\bnever|\bnobody|n't)\s(?:\w{1,12}\s){0,2}$")
_ON_SOMEBODY: Final = re.compile(
    r"(?<!\w)iaq\s(?:query\s|inquiry\s|request\s|message\s)?(?:was\s)?(?:sent|ran|run|submitted)\s(?:on|for|about|re|to)\b|"
    r"(?<!\w)iaq\s(?:to|via)\s(?:ax|lesc|ice|the lesc|law enforcement support)\b"
)
_HEAD: Final = re.compile(
    r"(?<![a-z])iaq\s?[./*:|]\s?(?=(?:[a-z0-9](?:\r?\n)?){2,8}\d)(?:[a-z](?:\r?\n)?){2}(?:[a-z0-9](?:\r?\n)?){5,7}(?![a-z0-9])"
)
"""Its head: the name, and an identifier, also broken over two lines."""
_APART: Final = re.compile(r"(?<!\w)i([ .])a\1q(?!\w)")
"""The name spelled apart."""
_WORD: Final = re.compile(r"(?<![a-z])iaq\b")
_FIELD: Final = re.compile(r"\b(?:(?:nam|cus|dob|pob)[/:]|(?:pur|atn|phn|fbi|arn)/|sex/[mfux]\b|off/\d)|\.txt\b")
_BIRTH: Final = re.compile(
    r"(?<!\d)(?:(?:19\d\d|20[01]\d)-?[01]\d-?[0-3]\d|[0-3]?\d[/.-][0-3]?\d[/.-](?:19\d\d|200\d|201[0-5]|[3-9]\d))(?!\d)"
)
"""A day on which somebody in custody may have been born."""
_NEAR_FIELD: Final = 400
_NEAR_BIRTH: Final = 80
"""Characters behind the query's name in which its fields, or a birth date, stand."""
_FLAG: Final = re.compile(r"\bcus\s?/\s?[yn]\b")
_MESSAGE: Final = re.compile(
    r"(?<![\w])(?P<kind>am|aml|iaq|iar|hq|yq|yr|np|aq|ar|nq|dq|rq|fq|fr|kq|kr|bq|br|aml?)\s?\.\s?"
    r"(?P<origin>[a-z0-9]{7,9})\s?\.\s?(?:[\w*]{0,40}\s?\.\s?)?(?P<to>[a-z0-9]{2,9}(?:\s?,\s?[a-z0-9]{2,9}){0,20})\s?\."
    r"\s{0,3}(?:\*?[\w]{0,20}\s?\.\s{0,3})?txt\b"
)
_LINE: Final = re.compile(
    r"(?m)(?<!\w)aml?\.(?P<origin>[a-z0-9]{7,9})\.(?P<to>[a-z0-9]{2,9}(?:,[a-z0-9]{2,9}){0,20})\.\W{0,4}$"
)
"""The head of an administrative message at the end of a line, whatever follows it."""
_FIELDS: Final = re.compile(r"\b(?:nam|dob|sex|pob|cus|off|pur|atn)/")
_ENOUGH_FIELDS: Final = 3
_LONGEST: Final = 200_000
"""Characters that are looked at; a network's message is far shorter."""


def is_custody_query(text: str) -> bool:
    """Tell whether a text is a query whose very sending says that somebody is in custody.

    Who writes *about* such queries, a rule, a lesson, a count of them, sends none.
    """
    folded = _folded(text)
    # The patterns are slow over a long text, and each of them needs one of these words.
    if ("iaq" in folded or "alien" in folded) and (_is_sent(folded) or _is_written_out(folded)):
        return True
    # The custody flag among the fields of a query: whatever its head says, it is one.
    return _has_fields(folded) and ("iaq" in folded or _FLAG.search(folded) is not None)


def names_query(text: str) -> bool:
    """Tell whether a text names such a query at all. On the network itself nobody writes about one."""
    folded = _folded(text)
    return is_custody_query(text) or (("iaq" in folded or "alien" in folded) and _NAMED.search(folded) is not None)


def _is_sent(folded: str) -> bool:
    """Tell whether somebody says that one was sent, or asks for one about somebody."""
    said = [each for each in _SENT.finditer(folded) if each["about"] or each["did"] not in _ASKED]
    return any(
        not _NOT.search(folded, max(0, each.start() - _NEAR_NOT), each.start())
        for each in (*said, *_ON_SOMEBODY.finditer(folded))
    )


def _is_written_out(folded: str) -> bool:
    """Tell whether the query itself stands there: its head, or its name with fields or a birth date behind it."""
    if "iaq" not in folded:
        return False
    if _HEAD.search(folded):
        return True
    names = [each.start() for each in _WORD.finditer(folded)]
    return _follows(names, _FIELD, folded, _NEAR_FIELD) or _follows(names, _BIRTH, folded, _NEAR_BIRTH)


def _follows(names: list[int], pattern: re.Pattern[str], folded: str, within: int) -> bool:
    """Tell whether a pattern stands behind one of these places, and near. In one pass, however many there are."""
    for each in pattern.finditer(folded) if names else ():
        before = bisect_right(names, each.start())
        if before and each.start() - names[before - 1] <= within:
            return True
    return False


def is_network_message(text: str) -> bool:
    """Tell whether a text is a message of the police network, by its head or by its fields."""
    folded = _folded(text)
    if "txt" in folded and _MESSAGE.search(folded):
        return True
    return _has_fields(folded)


@lru_cache(maxsize=16)
def _folded(text: str) -> str:
    """Return what is looked at of a text, folded once: the same text is asked about in several ways."""
    folded = fold(text[:_LONGEST])
    return _APART.sub("iaq", folded) if "i a q" in folded or "i.a.q" in folded else folded


def _has_fields(folded: str) -> bool:
    return folded.count("/") >= _ENOUGH_FIELDS and len(set(_FIELDS.findall(folded))) >= _ENOUGH_FIELDS


def destinations_in(text: str) -> tuple[str, ...]:
    """Return the destinations that the head of a network message names: ORIs and codes such as ``AX``, upper case."""
    folded = _folded(text)
    heads = [*_MESSAGE.finditer(folded)] if "txt" in folded else []
    heads += _LINE.finditer(folded) if "am." in folded or "aml." in folded else ()
    found = [each.strip().upper() for head in heads for each in head["to"].split(",")]
    return tuple(dict.fromkeys(found))


def goes_to(directory: Directory, text: str) -> bool:
    """Tell whether the head of a network message names one of these agencies as a destination."""
    return any(directory.has_ori(destination) for destination in destinations_in(text))
