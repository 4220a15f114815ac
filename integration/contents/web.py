"""An HTTP request to views: its target, the header fields that leave with it, and its body in the form it has."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from typing import Any, Final
from urllib.parse import parse_qsl, unquote

from integration.contents.files import TextType, read_file, read_text
from integration.contents.formats import Format
from integration.contents.mail import read_mail
from integration.contents.office import parse_xml
from integration.contents.parameters import structured
from integration.contents.reader import LIMITS, Address, Limits, Reader
from integration.domain.messages.gaps import Gap, Unread
from integration.domain.messages.views import Kind, View

_MOST_FIELDS: Final = 5_000
_FORM: Final = "application/x-www-form-urlencoded"
_IDENTITY: Final = frozenset({"", "identity"})


@dataclass(frozen=True, slots=True)
class WebMessage:
    """What of one HTTP request leaves."""

    method: str
    path: str
    """As it leaves, percent encoding included, without the query."""
    query: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    """Fields that leave, without those that frame the body."""
    body: bytes = b""
    content_type: str = ""
    content_encoding: str = ""
    complete: bool = True
    """Whether the body is all of it; False: some or all of it was not handed over."""


@dataclass(frozen=True, slots=True)
class WebReading:
    """A request as read."""

    views: tuple[View, ...]
    unread: tuple[Unread, ...]
    addresses: tuple[Address, ...]
    """Of a mail message inside it."""
    fields: tuple[tuple[str, str], ...]
    """(name, value) of every field of its query and its body: one of them may say to whom it goes on."""


def read_web(message: WebMessage, *, path_is_known: bool = False, limits: Limits = LIMITS) -> WebReading:
    """Read a request. Never raises: what cannot be read is a gap.

    Args:
        message: the request.
        path_is_known: the path is an endpoint's name that the settings list, so it says nothing.
        limits: how much of it is looked at.
    """
    reader = Reader(limits)
    fields: list[tuple[str, str]] = []
    if not path_is_known:
        _see(reader, "path", _plain(message.path).replace("/", "\n"))
    pairs = _pairs(message.query)
    _see(reader, "query", _lines(pairs))
    fields += pairs
    _see(reader, "headers", _lines(list(message.headers)))
    if not message.complete:
        reader.miss("body", Gap.UNSEEN)
    mails: list[Address] = []
    views: dict[View, None] = {}
    if message.body:
        if message.content_encoding.strip().casefold() not in _IDENTITY:
            reader.miss("body", Gap.BAD_TRANSFER_ENCODING)
        fields += _read_body(reader, message, mails, views)
    reading = reader.reading()
    return WebReading(
        tuple(dict.fromkeys((*reading.views, *views))), reading.unread, tuple(mails), tuple(fields[:_MOST_FIELDS])
    )


def _read_body(
    reader: Reader, message: WebMessage, mails: list[Address], views: dict[View, None]
) -> list[tuple[str, str]]:
    stated = structured(message.content_type)
    if message.content_type and not stated.clean:
        reader.miss("body", Gap.BAD_CONTENT_TYPE)
    kind, body = stated.value, message.body
    if kind.startswith(("multipart/", "message/")):
        return _read_mailed(reader, message, mails, views)
    if kind == _FORM:
        text = body.decode("utf-8", "replace")
        pairs = _pairs(text)
        _see(reader, "body", _lines(pairs))
        return pairs
    if kind == "application/xml" or kind.endswith(("/xml", "+xml")):
        return _read_xml(reader, body, stated.first("charset") or "utf-8")
    if kind.startswith("text/"):
        charset = stated.first("charset") or "utf-8"
        read_text(reader, "body", body, TextType(charset, Format.TEXT, kind.removeprefix("text/")), 1)
        return []
    # Whatever else it says it is counts for nothing.
    if kind == "application/json" or kind.endswith("+json") or body.lstrip()[:1] in {b"{", b"["}:
        return _read_json(reader, body)
    read_file(reader, "body", body, 1)
    return []


def _read_json(reader: Reader, body: bytes) -> list[tuple[str, str]]:
    try:
        body.decode("utf-8")
        parsed = json.loads(body, object_pairs_hook=_Table)
        pairs = list(_walk(parsed, ""))
    except (ValueError, RecursionError):  # also what is not UTF-8
        reader.miss("body", Gap.BROKEN)
        read_text(reader, "body", body, TextType("utf-8", Format.TEXT), 1)
        return []
    _see(reader, "body", _lines(pairs))
    for name, value in pairs:
        if not name and value:
            reader.see("body", "json", Kind.TEXT, value)
    return pairs


class _Table(list[tuple[str, Any]]):
    """A JSON object with all of its members, those of one name too: which of them counts, readers differ about."""


def _walk(node: Any, name: str) -> Iterator[tuple[str, str]]:
    if isinstance(node, _Table):
        if name:
            yield name, ""  # The name of a table says something without a value of its own.
        for inner, value in node:
            yield from _walk(value, inner)
    elif isinstance(node, list):
        if name and not node:
            yield name, ""
        for value in node:
            yield from _walk(value, name)
    else:
        yield name, "" if node is None or isinstance(node, bool) else str(node)


def _read_xml(reader: Reader, body: bytes, charset: str) -> list[tuple[str, str]]:
    read_text(reader, "body", body, TextType(charset, Format.XML, "xml"), 1)
    root = parse_xml(reader, "body", body)
    pairs: list[tuple[str, str]] = []
    if root is not None:
        for element in root.iter():
            if not isinstance(element.tag, str):
                continue
            pairs.append((element.tag.rpartition("}")[2], (element.text or "").strip()))
            pairs += [(str(key).rpartition("}")[2], str(value)) for key, value in element.attrib.items()]
    return pairs


def _read_mailed(
    reader: Reader, message: WebMessage, mails: list[Address], views: dict[View, None]
) -> list[tuple[str, str]]:
    """Read a body of parts, or a mail message: by the reader for mail, which knows how parts are hidden."""
    raw = message.body
    if message.content_type.casefold().lstrip().startswith("multipart/"):
        head = f"Content-Type: {message.content_type}\r\n\r\n"
        raw = head.encode("latin-1", "replace") + raw
    reading = read_mail(raw, reader.limits)
    views.update(dict.fromkeys(reading.views))
    for each in reading.unread:
        if each.gap is not Gap.LONG_LINE:  # HTTP has no limit on lines.
            reader.miss(f"body.{each.part}", each.gap)
    mails += reading.addresses
    pairs = []
    try:
        for part in message_from_bytes(raw).walk():
            name = part.get_param("name", header="content-disposition")
            payload = part.get_payload(decode=True)
            if isinstance(name, str) and isinstance(payload, bytes):
                pairs.append((name, payload[:_MOST_FIELDS].decode("utf-8", "replace").strip()))
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        reader.miss("body", Gap.PARSERS_DISAGREE)
    return pairs


def _pairs(text: str) -> list[tuple[str, str]]:
    """Return the fields of a query or a form, as those read it who part it at ``&`` and those who do at ``;`` too."""
    if not text:
        return []
    try:
        ways = [
            parse_qsl(text, keep_blank_values=True, max_num_fields=_MOST_FIELDS),
            parse_qsl(text.replace(";", "&"), keep_blank_values=True, max_num_fields=_MOST_FIELDS),
        ]
    except ValueError:  # too many
        return [("", _plain(text))]
    return list(dict.fromkeys(pair for way in ways for pair in way))


def _plain(text: str) -> str:
    """Undo percent encoding, also where it was done twice."""
    return unquote(unquote(text))


def _lines(pairs: list[tuple[str, str]]) -> str:
    return "\n".join(f"{name}: {value}" if name and value else name or value for name, value in pairs)


def _see(reader: Reader, part: str, text: str) -> None:
    if not text:
        return
    raw = text.encode("utf-8", "surrogatepass")
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        reader.miss(part, Gap.BAD_CHARSET)
        raw = text.encode("utf-8", "replace")
    read_text(reader, part, raw, TextType("utf-8", Format.TEXT), 1)
