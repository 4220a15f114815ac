"""Words that a statement of status is let in with, and that tell something of a person where they stand by themselves.

``He remains a citizen of Mexico`` is a status; ``The alien remains`` is custody. ``Feel free to contact us`` closes a
letter; ``Free.`` lets somebody go. Data: which words they are, and what has to stand with them.
"""

import re
from typing import Final

from integration.domain.messages.words import Words

_LINKS: Final = frozenset("remain remains appear appears seem seems".split())
"""Verbs that have to lead on to what somebody is."""
_NOTHING: Final = frozenset(
    """
    at this time until further notice still currently presently only also the an a in on with as of and or our your for
    to
    """.split()
)
"""Words that do not say it."""
_RECORDS: Final = frozenset(
    """
    information info record records status citizenship nationality data document documents documentation file files
    verification number numbers answer response visa class country database name passport certificate
    """.split()
)
"""What may be unavailable without being a person."""
_COMPANY: Final[dict[str, frozenset[str]]] = {
    "free": frozenset({"contact"}),
    "feel": frozenset({"contact"}),
    "hesitate": frozenset({"contact"}),
    "let": frozenset({"know"}),
    "see": frozenset({"attached", "attachment", "enclosed", "below", "above", "following", "letter", "document"}),
    "have": frozenset({"questions", "any", "further", "record", "records", "information"}),
    "yours": frozenset({"truly", "sincerely", "faithfully", "respectfully", "cordially"}),
    "end": frozenset({"page", "message", "email", "letter", "document", "response", "record"}),
    "ends": frozenset({"page", "message", "email", "letter", "document", "response", "record"}),
    "begin": frozenset({"page", "message", "email", "letter", "document", "response", "record"}),
}
"""Words of a closing, each with those of which one has to stand in the same line."""
_GRANTS: Final = re.compile(
    r"\byour requests?\b[^.;!?]{0,80}\b(?:granted|approved|accepted|honou?red|fulfilled)\b", re.IGNORECASE
)
"""What an immigration authority asks for is seldom a status alone."""


_INVITES: Final = re.compile(
    r"\b(?:please|kindly|you\s(?:may|can|shall|will))\s(?:"
    r"(?:file|question|request|issue)\s(?:on\s|for\s)?(?:[\w-]{1,20}\W{1,2}){0,3}?"
    r"(?:national|citizen|alien|immigrant|refugee|asylee|lpr)s?\b(?!\s(?:status|number|registration|file|record))"
    r"|(?:report|respond|confirm|come|enter)\s(?:to\s)?(?:this|our)\s(?:office|department|agency)\b)",
    re.IGNORECASE,
)
"""An immigration authority is asked to come, or to lodge a paper."""


def tells_alone(segment: str, words: Words) -> bool:
    """Tell whether a word in a statement says something of a person that is no status.

    Args:
        segment: the statement.
        words: the same, cut.
    """
    texts = words.texts
    for at, word in enumerate(texts):
        if word in _LINKS and _NOTHING.issuperset(texts[at + 1 :]):
            return True
        gone = word == "unavailable" or (word == "available" and at > 0 and texts[at - 1] in {"not", "longer"})
        if gone and _RECORDS.isdisjoint(texts[:at]):
            return True
    return _GRANTS.search(segment) is not None or _INVITES.search(segment) is not None


def lacks_company(words: Words) -> bool:
    """Tell whether a word of a closing stands in a line without what makes it one: ``Free.``, ``See you``."""
    distinct = words.distinct
    return any(word in distinct and company.isdisjoint(distinct) for word, company in _COMPANY.items())
