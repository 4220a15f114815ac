"""What header fields say besides how to read a message: subjects, names, addresses, and words hidden in odd fields."""

import re
from typing import Final

from integration.contents.encodedwords import decode_words
from integration.contents.fields import Field, Head
from integration.contents.machines import DATE, addresses_in, hosts_in, identifiers_in, is_machines, words_of
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
    x-forwarded-message-id x-original-message-id x-google-original-message-id original-message-id supersedes
    """.split()
)
"""Fields whose addresses are not where this message goes."""
_BACKWARDS: Final = re.compile(r"\"[^\"@]{0,64}\"|[^\s<>,;:\"()\[\]@]{1,200}")
"""What stands before the ``@`` of an address, read from there."""
_LONGEST_LOCAL: Final = 200
_DOMAIN: Final = re.compile(r"[^\s<>,;:\"()@]{1,255}")


_FAX: Final = frozenset("fax-to x-fax-to faxto x-faxto x-fax-number fax-number x-fax".split())
"""Fields that a fax service takes a number from."""
_SENT: Final = ("from", "date", "received")
"""What the head of a message has that was sent before."""


def read_headers(reader: Reader, part: str, head: Head, *, attached: bool = False) -> None:
    """Add what the fields of one header say.

    Args:
        reader: takes it.
        part: whose header it is.
        head: the fields.
        attached: it is that of a message inside the message. Whom that was once sent to is no recipient of this one.
    """
    forwarded = attached and any(head.all(name) for name in _SENT)
    if head.cut_off:
        reader.miss(part, Gap.TOO_MANY_PARTS)
    if head.malformed:
        reader.miss(part, Gap.MALFORMED_HEADER)
        reader.see(part, "malformed header", Kind.TEXT, "\n".join(head.malformed))
    if head.doubled():
        reader.miss(part, Gap.DUPLICATE_HEADER)
    for number, field in enumerate(head.fields, start=1):
        place = f"{part}:{number}"
        _read_field(reader, place, Field(field.name, reader.of_header(place, field.value)), forwarded=forwarded)


def _read_field(reader: Reader, place: str, field: Field, *, forwarded: bool) -> None:
    decoded, clean = decode_words(field.value)
    if not clean:
        reader.miss(place, Gap.BAD_ENCODED_WORD)
    if field.name not in _NOT_TO and field.name not in _FROM and not forwarded:
        _addresses(reader, field.name, field.value, decoded)
    if field.name in _FAX and any(map(str.isdigit, decoded)):
        reader.addresses[Address(field.name, decoded)] = None
    if field.name == "list-id" and not forwarded:
        _list(reader, decoded)
    if field.name in _STRUCTURED:
        _parameters(reader, place, field.name, field.value)
    elif field.name in _TO or field.name in _FROM:
        _people(reader, place, decoded)
    elif not is_machines(field.name, field.value):
        reader.see(place, "header", Kind.SUBJECT, decoded if field.name in _BARE else f"{field.name}: {decoded}")
        if decoded != field.value:
            reader.see(place, "header undecoded", Kind.FILED, field.value)
    else:
        _read_machines(reader, place, field)


def _read_machines(reader: Reader, place: str, field: Field) -> None:
    """Add what a field says that machines write. Its words are searched; it need not be accounted for."""
    for said in words_of(field.name, field.value):
        reader.see(place, "identifier", Kind.FILED, said)
    for identifier in identifiers_in(field.name, field.value):
        reader.see(place, "identifier", Kind.ENVELOPE, identifier)
    for address in addresses_in(field.name, field.value):
        reader.see(place, "address", Kind.ADDRESS, address)
    reader.see(place, "host", Kind.HOST, hosts_in(field.name, field.value))


def _people(reader: Reader, place: str, text: str) -> None:
    """Add the names and the addresses of a field: everybody who gets the message reads them."""
    mailboxes = [text[begin:end] for begin, end in _places(text)]
    tags = [each.rpartition("@")[0].partition("+")[2] for each in mailboxes]
    for name in (*_names(text), *tags):
        reader.see(place, "name", Kind.NAME, name)
    if len(mailboxes) > reader.limits.parts:
        reader.miss(place, Gap.TOO_MANY_PARTS)
    for mailbox in mailboxes[: reader.limits.parts]:
        reader.see(place, "address", Kind.ADDRESS, mailbox)


def _places(text: str) -> list[tuple[int, int]]:
    """Return where addresses begin and end in a field. Each is found by its ``@``: so no field takes long."""
    found: list[tuple[int, int]] = []
    at = last = 0
    while (at := text.find("@", at)) >= 0:
        domain = _DOMAIN.match(text, at + 1)
        local = _BACKWARDS.match(text[max(last, at - _LONGEST_LOCAL) : at][::-1])
        at += 1
        if domain is not None and local is not None:
            last = domain.end()
            found.append((at - 1 - local.end(), last))
    return found


def _addresses(reader: Reader, name: str, raw: str, decoded: str) -> None:
    for text in dict.fromkeys((raw, decoded)):
        for begin, end in _places(text)[: reader.limits.parts]:
            reader.addresses[Address(name, text[begin:end])] = None
    if name in _TO:
        for shown, beside in _named(decoded):
            reader.addresses[Address(name, shown, beside)] = None


def _list(reader: Reader, text: str) -> None:
    """Add which list a message goes to: its phrase as a name, its identifier as a domain (RFC 2919 section 2)."""
    phrase, _, rest = text.rpartition("<") if "<" in text else ("", "", text)
    if any(map(str.isalnum, phrase)):
        reader.addresses[Address("list-id", phrase.strip(' \t"'))] = None
    if identifier := rest.strip("<> \t"):
        reader.addresses[Address("list-id", f"list@{identifier}")] = None


def _named(text: str) -> list[tuple[str, str]]:
    """Return what stands beside the addresses of a field, each with its own address where that is certain.

    A name stands right before its address, after the last comma. Of comments, and of names of groups, nobody can say
    whose they are: they stand with none.
    """
    found = []
    at = 0
    for begin, end in _places(text):
        before = text[at:begin].rstrip("< \t")
        apart = max(before.rfind(mark) for mark in ",;:()")
        found += [(name, "") for name in _names(before[: apart + 1])]
        found += [(name, text[begin:end]) for name in _names(before[apart + 1 :])]
        at = end
    found += [(name, "") for name in _names(text[at:])]
    known = {name for name, _ in found}
    return found + [(name, "") for name in _names(text) if name not in known]


def _names(text: str) -> list[str]:
    """Return what stands beside the addresses of a field: display names, comments, names of groups."""
    kept, at = [], 0
    for begin, end in _places(text):
        angled = text[begin - 1 : begin] == "<" and text[end : end + 1] == ">"
        kept.append(text[at : begin - angled])
        at = end + angled
    bare = ",".join([*kept, text[at:]])
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
    "size": re.compile(r"0|[1-9]\d{0,8}"),
    "creation-date": DATE,
    "modification-date": DATE,
}
