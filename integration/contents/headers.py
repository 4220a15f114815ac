"""What header fields say besides how to read a message: subjects, names, addresses, and words hidden in odd fields."""

import re
from email.utils import parsedate_tz
from typing import Final

from integration.contents.encodedwords import decode_words
from integration.contents.fields import Field, Head
from integration.contents.parameters import structured
from integration.contents.reader import Address, Reader
from integration.domain.messages.gaps import Gap
from integration.domain.messages.views import Kind

_TO: Final = frozenset(
    """
    to cc bcc resent-to resent-cc resent-bcc apparently-to delivered-to envelope-to x-envelope-to x-original-to
    x-rcpt-to
    x-forwarded-to x-forwarded-for original-recipient list-post reply-to resent-reply-to mail-followup-to mail-reply-to
    errors-to return-receipt-to disposition-notification-to x-confirm-reading-to x-bcc x-cc x-to
    """.split()
)
"""Fields that say where a message, an answer or a receipt goes."""
_FROM: Final = frozenset("from sender resent-from resent-sender".split())
_STRUCTURED: Final = frozenset({"content-type", "content-transfer-encoding", "content-disposition"})
_BARE: Final = frozenset({"subject", "comments", "keywords", "thread-topic", "content-description", "organization"})
"""Fields that hold a text. Of any other the name is part of what it says: ``Out-Thursday: x``."""
_NOT_TO: Final = frozenset(
    """
    return-path received message-id in-reply-to references resent-message-id dkim-signature authentication-results
    received-spf list-unsubscribe list-unsubscribe-post list-id list-help list-archive x-originating-ip x-mailer
    user-agent thread-index
    subject comments keywords thread-topic content-id organization
    """.split()
)
"""Fields whose addresses are not where this message goes."""
_MACHINE: Final = {
    "mime-version": re.compile(r"1\.0(?: \(Mac OS X Mail \d{1,2}\.\d{1,2} \\\([\d.]{1,16}\\\)\))?"),
    "date": re.compile(
        r"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), )?\d{1,2} (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} "
        r"\d\d:\d\d(?::\d\d)? (?:[+-]\d{4}|GMT|UTC?|EST|EDT|CST|CDT|MST|MDT|PST|PDT)(?: \([A-Z]{2,5}\))?"
    ),
    "resent-date": re.compile(r"[A-Z][a-z]{2}, \d{1,2} [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d [+-]\d{4}"),
    "received": re.compile(
        r"(?:from \S{1,255}(?: \([^()]{0,255}(?:\([^()]{0,120}\)[^()]{0,120}){0,3}\))? ?)?"
        r"(?:by \S{1,255}(?: \([^()]{0,120}\))? ?)?"
        r"(?:with [\w. -]{1,60}(?: \([^()]{0,200}\))? ?)?(?:id \S{1,120} ?)?(?:\([^()]{0,200}\) ?)?"
        r"(?:for <[^<>\s]{1,255}> ?)?;\s*[A-Z][a-z]{2}, ? ?\d{1,2} [A-Z][a-z]{2} \d{4} "
        r"\d\d:\d\d:\d\d(?:\.\d+)? (?:[+-]\d{4}|GMT)(?: \([A-Z]{2,5}\))?"
    ),
    "x-priority": re.compile(r"\d(?: \((?:Highest|High|Normal|Low|Lowest)\))?"),
    "x-msmail-priority": re.compile(r"(?i)normal|high|low"),
    "importance": re.compile(r"(?i)normal|high|low"),
    "priority": re.compile(r"(?i)normal|urgent|non-urgent"),
    "sensitivity": re.compile(r"(?i)personal|private|company-confidential|normal"),
    "auto-submitted": re.compile(r"(?i)no|auto-generated|auto-replied"),
    "precedence": re.compile(r"(?i)bulk|list|junk|first-class"),
    "content-language": re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z]{2,4})?(?:, ?[A-Za-z]{2,3}(?:-[A-Za-z]{2,4})?){0,5}"),
    "accept-language": re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z]{2,4})?(?:, ?[A-Za-z]{2,3}(?:-[A-Za-z]{2,4})?){0,5}"),
    "x-ms-has-attach": re.compile(r"(?i)yes|no|"),
    "x-ms-tnef-correlator": re.compile(r""),
    "x-originating-ip": re.compile(r"\[?[0-9a-fA-F.:]{3,45}\]?"),
    "thread-index": re.compile(r"[A-Za-z0-9+/=]{20,200}"),
    "dkim-signature": re.compile(r"(?:\w{1,2}=[A-Za-z0-9+/=.:@_ \t-]*;?\s*)+"),
}
_TOKENS: Final = re.compile(r"<[^<>\s@]{1,200}@[^<>\s@]{1,255}>(?:\s+<[^<>\s@]{1,200}@[^<>\s@]{1,255}>){0,40}")
_IDS: Final = frozenset({"message-id", "in-reply-to", "references", "content-id", "resent-message-id"})
_PROGRAM: Final = re.compile(
    r"(?:microsoft|outlook|office|express|exchange|apple|iphone|ipad|mail|mozilla|thunderbird|roundcube|webmail|zimbra|evolution|"
    r"squirrelmail|mutt|kmail|gnus|emacs|lotus|notes|groupwise|novell|gmail|google|yahoo|service|web|server|client|windows|linux|"
    r"macintosh|intel|mac|os|x|nt|win|gecko|rv|en|us|build|version|release|x11|ubuntu|gnu|imp|horde|sendmail|sylpheed|claws|mapi|smtp|"
    r"[\d.]{1,20}|[\s/;:,()+~_-]){1,60}",
    re.IGNORECASE,
)
_PROGRAMS: Final = frozenset({"x-mailer", "user-agent"})
_ADDRESS: Final = re.compile(r"(?:\"[^\"@]{0,64}\"|[^\s<>,;:\"()\[\]@]{1,200})@[^\s<>,;:\"()@]{1,255}")
_ANGLED: Final = re.compile(r"<(?:\"[^\"@<>]{0,64}\"|[^\s<>,;:\"()\[\]@]{1,200})@[^\s<>,;:\"()@]{1,255}>")
_TAG: Final = re.compile(r"\+([^@\s]{1,200})@")
_LONGEST_ID: Final = 100


def read_headers(reader: Reader, part: str, head: Head) -> None:
    """Add what the fields of one header say."""
    if head.cut_off:
        reader.miss(part, Gap.TOO_MANY_PARTS)
    if head.malformed:
        reader.miss(part, Gap.MALFORMED_HEADER)
        reader.see(part, "malformed header", Kind.TEXT, "\n".join(head.malformed))
    if head.doubled():
        reader.miss(part, Gap.DUPLICATE_HEADER)
    for number, field in enumerate(head.fields, start=1):
        _read_field(reader, f"{part}:{number}", field)


def _read_field(reader: Reader, place: str, field: Field) -> None:
    decoded, clean = decode_words(field.value)
    if not clean:
        reader.miss(place, Gap.BAD_ENCODED_WORD)
    if field.name not in _NOT_TO and field.name not in _FROM:
        _addresses(reader, field.name, field.value, decoded)
    if field.name in _STRUCTURED:
        _parameters(reader, place, field.name, field.value)
    elif field.name in _TO or field.name in _FROM:
        for name in (*_names(decoded), *_TAG.findall(decoded)):
            reader.see(place, "name", Kind.NAME, name)
    elif not _is_machines(field.name, field.value):
        reader.see(place, "header", Kind.SUBJECT, decoded if field.name in _BARE else f"{field.name}: {decoded}")
        if decoded != field.value:
            reader.see(place, "header undecoded", Kind.FILED, field.value)
    elif field.name in _IDS or field.name in _PROGRAMS:
        # Its words are searched; it need not be accounted for.
        reader.see(place, "identifier", Kind.FILED, re.sub(r"@[^>\s]*", " ", field.value))


def _addresses(reader: Reader, name: str, raw: str, decoded: str) -> None:
    for text in dict.fromkeys((raw, decoded)):
        for address in _ADDRESS.findall(text)[: reader.limits.parts]:
            reader.addresses[Address(name, address)] = None
    if name in _TO:
        for shown in _names(decoded):
            reader.addresses[Address(name, shown)] = None


def _names(text: str) -> list[str]:
    """Return what stands beside the addresses of a field: display names, comments, names of groups."""
    bare = _ADDRESS.sub(",", _ANGLED.sub(",", text))
    pieces = re.split(r"[,;:()]", bare.replace('"', " ").replace("\\", " "))
    joined = [piece.strip() for piece in pieces if any(map(str.isalnum, piece))]
    return [*joined, " ".join(joined)] if 1 < len(joined) <= 4 else joined  # noqa: PLR2004  "Roe, Jane" is one name


def _parameters(reader: Reader, place: str, name: str, value: str) -> None:
    found = structured(value)
    if name in {"content-type", "content-disposition"} and not found.clean:
        reader.miss(place, Gap.BAD_CONTENT_TYPE)
    for key in ("name", "filename"):
        for said in found.parameters.get(key, []):
            decoded, clean = decode_words(said)
            if not clean:
                reader.miss(place, Gap.BAD_ENCODED_WORD)
            reader.see(place, "file name", Kind.NAME, decoded)
    reader.see(place, "type", Kind.FILED, " ".join([found.value, *found.parameters.get("boundary", [])]))
    for key, values in found.parameters.items():
        shape = _PARAMETERS.get(key)
        if key not in _READ and not (shape and all(shape.fullmatch(each) for each in values)):
            reader.see(place, "parameter", Kind.SUBJECT, " ".join([key, *values]))


_READ: Final = frozenset({"name", "filename", "boundary", "charset"})
"""Parameters that are looked at elsewhere."""
_PARAMETERS: Final = {
    "format": re.compile(r"flowed|fixed", re.IGNORECASE),
    "delsp": re.compile(r"yes|no", re.IGNORECASE),
    "type": re.compile(r"(?:multipart|text)/[a-z]{1,12}", re.IGNORECASE),
    "method": re.compile(r"request|publish|reply|cancel", re.IGNORECASE),
    "size": re.compile(r"\d{1,9}"),
    "creation-date": _MACHINE["date"],
    "modification-date": _MACHINE["date"],
}


def _is_machines(name: str, value: str) -> bool:
    """Tell whether a field is one that machines write, in the form in which they write it."""
    if name in _IDS:
        return len(value) <= _LONGEST_ID * 40 and bool(_TOKENS.fullmatch(value))
    if name in _PROGRAMS:
        return bool(_PROGRAM.fullmatch(value))
    shape = _MACHINE.get(name)
    if shape is None or shape.fullmatch(value) is None:
        return False
    return name != "date" or parsedate_tz(value) is not None
