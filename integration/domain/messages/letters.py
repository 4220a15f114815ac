"""What surrounds the words of a letter: signature, the notices of mail systems, the heads of quoted messages.

All of it is taken away before a text is judged, but only in a form that can say little about anybody else: a line of a
signature is a title, an agency or the sender's own number, and stands under a closing. What was taken away is judged
too, by its words (`addresswords.py`).
"""

import re
from typing import Final, NamedTuple

from integration.domain.messages.names import may_name
from integration.domain.messages.notices import Notice
from integration.domain.messages.vocabulary import NOT_NAMES, TITLES

_CLOSES: Final = (
    r"(?:(?:best|kind|warm|with)?\s*regards|sincerely(?: yours)?|respectfully(?: submitted)?|"
    r"thank you|thanks(?: again)?|thx|"
    r"many thanks|very truly yours|yours truly|cordially|saludos|atentamente|gracias|best|v/?r|--|__+)"
    r"[\s,.!]*"
)
_AND_NAME: Final = r"(?:(?<=, )((?-i:[A-Z][a-z])[\w .'-]{0,40}))?"
"""A name behind a closing, in its line: ``Thanks, Ann``."""
_CLOSING: Final = re.compile(_CLOSES + _AND_NAME, re.IGNORECASE)
_MOST_LINES: Final = 9
"""Lines of the longest signature."""
_PHONE: Final = r"(?:\+?1[ .-]?)?\(?\d{3}\)?[ .-]{0,2}\d{3}[ .-]\d{4}(?:\s?(?:x|ext\.?)\s?(?!0\d[0-5]\d(?!\d))\d{1,5})?"
"""A telephone number. An extension that is a time of the morning is none."""
_MAIL: Final = r"[\w.+-]{1,64}@[\w.-]{3,120}"
_SITE: Final = r"(?:https?://)?(?:www\.)?(?:[\w-]{1,40}\.){1,4}(?:gov|us|org|com|net|example|test|mi\.us)/?"
_CONTACT: Final = re.compile(
    rf"(?:(?:phone|tel|telephone|office|fax|direct|main|desk|cell|mobile|email|e-mail|web|[optfecmw])\b[.:]?\s*)?"
    rf"(?:{_PHONE}|{_MAIL}|{_SITE})"
    rf"(?:\s*[|,/;]?\s*(?:(?:phone|tel|office|fax|direct|cell|email|e-mail|web|[optfecmw])\b[.:]?\s*)?(?:{_PHONE}|{_MAIL}|{_SITE})){{0,3}}",
    re.IGNORECASE,
)
_AGENCY: Final = re.compile(
    r"(?P<place>(?:(?:North|South|East|West|Upper|Lower|Grand|New|San|Santa|Los|Las|Fort|Saint|St\.|Sault|Van|Le|La|Du|De|El|"
    r"Prince|Queen|King|Palm|Salt|Big|Little|Red|White|Black) )?"
    r"(?:(?:[A-Z][a-z]+|St\.) ){1,2})(?:County|City|Parish|Regional|Metro)?\s?"
    r"(?:Jail|Correctional (?:Facility|Center|Complex)|Detention Center|Corrections|Department of Corrections|"
    r"Sheriff'?s Office|Sheriff'?s Department|Police Department|PD)"
    r"(?:,? (?:Records|Records Division|Records Unit|Records Section))?"
)
_OF_PLACES: Final = frozenset(
    "new north south east west upper lower big little red white black green blue old high long bay bridge county city "
    "town state station place street man los las".split()
)
"""Words that towns and counties are called by, although they are no person's name."""
_NO_NAMES: Final = frozenset(NOT_NAMES.split())
_TITLE_WORDS: Final = frozenset(TITLES.split())
_NOTIFIES: Final = (
    r"(?:\W*(?:confidential(?:ity)?|notice|disclaimer|warning|caution|external|this (?:e-?mail|message|communication|"
    r"transmission|electronic)|sent from|get outlook|please (?:consider|notify|delete|destroy|use)|"
    r"the information contained|the contents|if (?:you|the reader)|"
    r"any (?:unauthorized|dissemination|disclosure|use|review)|unauthorized|do not (?:click|forward)|use caution|"
    r"it (?:is intended|may contain)|law enforcement sensitive|for official use|important notice|privacy notice|"
    r"legal notice|email|emails|think before)\b)"
)
_NOTICE: Final = re.compile(_NOTIFIES, re.IGNORECASE)
_WEEKDAY: Final = r"(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?"
_DAY: Final = (
    r"(?:[A-Z][a-z]{2,8}\.? \d{1,2},? \d{4}|\d{1,2} [A-Z][a-z]{2,8}\.? \d{4}|\d{1,2}/\d{1,2}/\d{2,4}|\d{4}-\d\d-\d\d)"
)
_HOUR: Final = r"\d{1,2}:\d\d(?::\d\d)?(?: ?[AaPp]\.?[Mm]\.?)?(?: ?[+-]\d{4}| (?:[ECMP][SD]T|AK[SD]T|HST|UTC|GMT)\b)?"
_PARTY: Final = rf"(?P<party>[\w .,'\"()-]{{0,60}})[<\[(]?(?:mailto:)?{_MAIL}[>\])]?"
_WROTE: Final = re.compile(
    rf"On (?:{_WEEKDAY},? )?{_DAY},?(?: at)? {_HOUR},? {_PARTY} wrote:", re.IGNORECASE | re.DOTALL
)
_ORIGINAL: Final = re.compile(r"-{2,}\s*(?:original|forwarded) message\s*-{2,}|_{10,}", re.IGNORECASE)
_HEAD_FROM: Final = re.compile(rf"\*?From:\*? {_PARTY}", re.IGNORECASE)
_HEAD: Final = re.compile(
    rf"\*?(?:(?:To|Cc):\*? {_PARTY}|(?:Sent|Date):\*? (?:{_WEEKDAY},? )?{_DAY},?(?: at)? {_HOUR})",
    re.IGNORECASE,
)
_WRAPPED: Final = re.compile(r"(?m)^([>\s]*On [^\r\n]{10,120})\r?\n[>\s]*([^\r\n]{0,120}wrote:)[ \t]*$")
"""Where a mail program broke the head of a quotation in two."""
_BEGINS: Final = re.compile(rf"[-_]|on |\*?from:|{_NOTIFIES}|{_CLOSES}{_AND_NAME}\Z", re.IGNORECASE)
"""How every line begins with which something begins that surrounds a letter."""
_LETTERS: Final = re.sub(r"\\[A-Za-z]", " ", _BEGINS.pattern)
"""The pattern without its classes: ``\\b``, ``\\W``."""
_OPENINGS: Final = frozenset([*re.findall(r"(?<![a-z])[a-z]{2}", _LETTERS), "em", "vr"])
"""The first two letters of every word in it, ``e-mail`` and ``v/r`` among them: every such line that begins with two
letters begins with these."""
_MARKS: Final = ">|" + "".join(chr(code) for code in range(0x3001) if chr(code).isspace())
"""What stands before a quoted line."""
_WORDS: Final = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*")
_WIDEST: Final = 2_000
"""Characters of the longest line that may be such a part."""


class Letter(NamedTuple):
    """A letter, taken apart."""

    said: str
    """What it says, without what surrounds it."""
    signers: tuple[str, ...]
    """The names that sign it."""
    beside: tuple[str, ...]
    """The agencies that sign it, and the people whose words it quotes."""
    around: tuple[str, ...]
    """Every line that was taken away but those of notices, which are known by heart: what is left of it is judged."""


def letter_of(text: str) -> Letter:
    """Take a letter apart.

    Args:
        text: as `folding.reading` returns it.
    """
    kept: list[str] = []
    names: list[str] = []
    beside: list[str] = []
    around: list[str] = []
    signing = 0
    quoted = False
    notice: Notice | None = None
    lines = (_WRAPPED.sub(r"\1 \2", text) if "wrote:" in text else text).splitlines()
    for line in lines:
        bare = line.lstrip(_MARKS).rstrip()
        begins = quoted or notice or signing or _begins_something(bare)
        if len(bare) > _WIDEST or not begins:
            kept.append(line)
            notice = None
            continue
        if _ORIGINAL.fullmatch(bare):
            quoted, signing = True, 0
            continue
        head = _WROTE.fullmatch(bare) or _HEAD_FROM.fullmatch(bare) or (_HEAD.fullmatch(bare) if quoted else None)
        if head is not None and _names_somebody(head["party"] or ""):
            quoted, signing = True, 0
            if head["party"]:
                beside.append(head["party"])
            around += [head["party"] or "", *_MAILS.findall(bare)]
            continue
        notice = _notice(bare, notice)
        if notice is not None:
            continue
        closing = _CLOSING.fullmatch(bare)
        if closing is not None and (closing[1] is None or _signs(closing[1], names, beside)):
            signing = _MOST_LINES
            around += _apart(closing[1]) if closing[1] else ()
            continue
        if signing and bare:
            signing -= 1
            if _signs(bare, names, beside):
                around += _apart(bare)
                continue
            signing = 0
        kept.append(line)
    return Letter("\n".join(kept), tuple(names), tuple(beside), tuple(dict.fromkeys(around)))


def _begins_something(line: str) -> bool:
    """Tell whether something may begin with a line that surrounds a letter: of most lines, by two letters."""
    opening = line[:2]
    if opening.isalpha() and opening.isascii() and opening.lower() not in _OPENINGS:
        return False
    return _BEGINS.match(line) is not None


def _apart(line: str) -> list[str]:
    """Return a line of a signature in the pieces that are judged: addresses, sites, and the words beside them."""
    bare = _NUMBER.sub(" ", line)
    return [_ADDRESSED.sub(" ", bare), *(each.group() for each in _ADDRESSED.finditer(bare))]


def _names_somebody(party: str) -> bool:
    """Tell whether what stands beside an address is a name, a title, or nothing."""
    rest = [word for word in _WORDS.findall(party) if word.casefold() not in _TITLE_WORDS]
    return (not rest or may_name(rest)) and not any(map(str.isdigit, party))


def _notice(line: str, before: Notice | None) -> Notice | None:
    """Return the notice that a line goes on with or begins; None where it is of none."""
    if not line:
        return None
    notice = before or (Notice() if _NOTICE.match(line) else None)
    return notice if notice is not None and notice.goes_on(line) else None


def _signs(line: str, names: list[str], beside: list[str]) -> bool:
    """Tell whether a line is part of a signature; a name is kept, to be compared with the people spoken of."""
    if agency_name(line):
        beside.append(line)
        return True
    if _CONTACT.fullmatch(line):
        return True
    if "|" in line:
        # "Roe | Records | 517-555-0100": each piece is a line of its own.
        pieces = [piece.strip() for piece in line.split("|")]
        return len(pieces) <= _MOST_LINES and all(_signs(piece, names, beside) for piece in pieces if piece)
    if any(map(str.isdigit, line)) and not _BADGE.search(line):
        return False
    rest = [word for word in _WORDS.findall(_BADGE.sub("", line)) if word.casefold() not in _TITLE_WORDS]
    if rest and not may_name(rest):
        return False
    if rest:
        names.append(" ".join(rest))
    return _NAME_WORDS.fullmatch(line) is not None


_NAME_WORDS: Final = re.compile(r"[\w .,'&/()#|-]{1,120}")
_BADGE: Final = re.compile(r",? ?(?:badge |id )?#(?!0[0-9][0-5]\d$)\d{1,6}$", re.IGNORECASE)
"""A badge's number, but for one that is a time of the morning."""
_MAILS: Final = re.compile(_MAIL)
_NUMBER: Final = re.compile(rf"{_PHONE}|{_BADGE.pattern}", re.IGNORECASE)
_ADDRESSED: Final = re.compile(rf"{_MAIL}|{_SITE}", re.IGNORECASE)


def agency_name(text: str) -> bool:
    """Tell whether a text is the name of a law enforcement agency and nothing else. ``North Door PD`` is none."""
    agency = _AGENCY.fullmatch(text.strip())
    if agency is None:
        return False
    return all(word in _OF_PLACES or word not in _NO_NAMES for word in agency["place"].casefold().split())
