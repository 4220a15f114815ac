"""Ways of saying a status that would otherwise need words which say much else, each put into words that are let in.

``He declined to state his citizenship`` is one; ``He declined`` may be anything. So no word here is let in by itself: a
saying is known as a whole, beside what it speaks of, and what stands around it has to be accounted for as ever.
"""

import re
from typing import Final

_STATUS: Final = (
    r"(?:(?:any|the|his|her|their|a|information|records?|on|about|of|regarding|united states|u\.?s\.?|country of|legal)"
    r"\s){0,4}"
    r"(?:citizenship|immigration status|nationality)\b"
)
"""What is not known, not stated or not kept."""
_YEAR: Final = r"(?:19[6-9]\d|20[0-2]\d)(?!\w|[:/.-]+\d)"
_US: Final = r"(?:the\s)?(?:united states|u\.?s\.?a?)"
_NAME: Final = r"[A-Z][a-z]{1,14}(?:\s[A-Z][a-z]{1,14})?"
_SAYINGS: Final[tuple[tuple[re.Pattern[str], str], ...]] = tuple(
    (re.compile(pattern, re.IGNORECASE | re.MULTILINE), instead)
    for pattern, instead in (
        (r"\?\s+(?=(?:yes|no)\b[.!]?[^\S\n]*$)", ", "),
        (rf"\b(?:did not|didn't) (?:state|give|disclose|provide|declare)(?= {_STATUS})", "has not disclosed"),
        (rf"\b(?:declined|declines|refused|refuses) to (?:state|give|disclose|provide)(?= {_STATUS})", "not disclosed"),
        (rf"\b(?:do|does) not keep(?= {_STATUS})", "does not maintain"),
        (rf"\bno knowledge(?= (?:of|about) {_STATUS})", "no record"),
        (r"\bwe believe(?= (?:that )?(?:he|she|they) (?:is|are)\b)", "it appears"),
        (r"^[^\w\n]*by (?:his|her|their) own (?:statement|account),?(?= (?:he|she|they) (?:is|are)\b)", "as stated"),
        (r"^[^\w\n]*th(?:at|is) is correct,(?= )", "yes,"),
        (r"^[^\w\n]*fyi\b[:,-]?(?= )", "note:"),
        (r"^[^\w\n]*did (he|she|they) naturali[sz]e\b", r"was \1 naturalized"),
        (r"^[^\w\n]*(is (?:he|she)|are they) here ((?:il)?legally)(?=\?)", r"\1 \2 present"),
        (rf"\bin (?:the country|{_US}) ((?:il)?legally)\b", r"\1 present"),
        (rf"\b(paroled into {_US}),? in {_YEAR}", r"\1"),
        (rf"\b(order of removal|removal order) (?:from|of|in) {_YEAR}", r"\1"),
        (r"\bcitizenship at birth\b", "citizenship by birth"),
        (r"^[^\w\n]*esta(?= indocumentad[oa]\b)", "es"),
        (r"\b(?:tiene )?visa de turista\b", "tourist visa"),
        (r"\bcan you (?:please )?confirm\?", "please confirm."),
    )
)
"""A pattern of small letters, and what it says in the words of the grammar."""
_GREETED: Final = re.compile(rf"^(\W*(?:(?i:hi|hello|dear))\s{_NAME})(?:,|\s-)\s(?=\S)", re.MULTILINE)
"""A greeting that its letter follows in the same line: ``Hi Rob - he is a US citizen.``"""


def in_plain_words(text: str) -> str:
    """Return a text with such sayings in words that the grammar of a statement knows.

    Args:
        text: as `folding.reading` returns it.
    """
    for pattern, instead in _SAYINGS:
        text = pattern.sub(instead, text)
    return _GREETED.sub(r"\1,\n", text)
