"""An HTTP request to views: its target, the header fields that leave with it, and its body in the form it has."""

import json
import re
import zlib
from codecs import BOM_UTF8
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from email import message_from_bytes
from itertools import islice
from typing import Any, Final
from urllib.parse import parse_qsl, unquote

from integration.contents.files import TextType, read_file, read_text
from integration.contents.formats import Format
from integration.contents.mail import read_mail
from integration.contents.office import local, parse_xml
from integration.contents.parameters import structured
from integration.contents.reader import LIMITS, Address, Limits, Reader
from integration.domain.messages.gaps import Gap, Unread
from integration.domain.messages.views import Kind, View

_MOST_FIELDS: Final = 200_000
_LONGEST_PART: Final = 1_000_000
_ENCODINGS: Final = {"gzip": 31, "x-gzip": 31, "deflate": 15}
"""Encodings of a body that are undone, with zlib's word for their format."""
_ADDRESS: Final = re.compile(rb"[^\x00-\x20\x7f-\xff<>,;:\"'()\[\]{}\\=&@|]{1,64}@[A-Za-z0-9.-]{3,255}")
_PAIR: Final = re.compile(r"[A-Za-z][\w.\[\]-]{0,60}=\S")
_GRAPHQL: Final = re.compile(r"\s*(?:mutation|query|subscription)\b")
_BETWEEN: Final = re.compile(r">([^<>]{3,2000})<|=\s*\"([^\"<>]{3,2000})\"")
"""What stands in XML that is broken: texts and the values of attributes."""
_STRING: Final = re.compile(r'"([^"\\\n]{3,2000})"')
_PLAIN_TYPE: Final = re.compile(
    r"(?:application/(?:json|problem\+json|ld\+json|fhir\+json|x-www-form-urlencoded|xml|soap\+xml|pdf|zip|gzip|"
    r"octet-stream)|text/(?:plain|html|csv|xml|calendar)|image/(?:png|jpeg|tiff|gif)|message/rfc822)"
    r"(?:; ?charset=\"?(?:utf-8|utf-16|us-ascii|iso-8859-1|windows-1252)\"?)?(?:; ?header=(?:present|absent))?"
    # Boundaries as programs make them up: of chance, or of next to nothing.
    r"|multipart/(?:form-data|mixed|related); ?boundary=\"?(?:-*(?:geckoformboundary)?[0-9a-f-]{16,60}"
    r"|-{4}WebKitFormBoundary[0-9a-z]{16}|-{24}[0-9a-z]{22}|[0-9a-z]{1,3})\"?",
    re.IGNORECASE,
)
"""A content type that says nothing but what a body is."""
_CAME_FROM: Final = frozenset({"referer", "origin", "from"})
"""Fields of the head that say where a request comes from."""
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
class Field:
    """One value, and what names it."""

    names: tuple[str, ...]
    """Its own name last; before it those of the tables it stands in, from the outside in. Empty: it has none."""
    value: str


@dataclass(frozen=True, slots=True)
class WebReading:
    """A request as read."""

    views: tuple[View, ...]
    unread: tuple[Unread, ...]
    addresses: tuple[Address, ...]
    """Of a mail message inside it."""
    fields: tuple[Field, ...]
    """Of its query, its head and its body: one of them may say to whom it goes on."""
    crowded: bool = False
    """There are more of them than anybody looks at, or they are in a form that nobody here can undo."""


def read_web(message: WebMessage, *, path_is_known: bool = False, limits: Limits = LIMITS) -> WebReading:
    """Read a request. Never raises: what cannot be read is a gap.

    Args:
        message: the request.
        path_is_known: the path is an endpoint's name that the settings list, so it says nothing.
        limits: how much of it is looked at.
    """
    reader = Reader(limits)
    fields: list[Field] = []
    if not path_is_known:
        _see(reader, "path", _plain(message.path).replace("/", "\n"))
    pairs = _pairs(message.query)
    _see(reader, "query", _lines(pairs))
    fields += _named(pairs)
    _see(reader, "headers", _lines(list(message.headers)))
    if message.content_type and not _PLAIN_TYPE.fullmatch(message.content_type):
        _see(reader, "content type", message.content_type)
    fields += _named((name, value) for name, value in message.headers if name.casefold() not in _CAME_FROM)
    if not message.complete:
        reader.miss("body", Gap.UNSEEN)
    mails: list[Address] = []
    views: dict[View, None] = {}
    opaque = False
    if message.body:
        encoding = message.content_encoding.strip().casefold()
        if encoding not in _IDENTITY:
            reader.miss("body", Gap.BAD_TRANSFER_ENCODING)
            plain = _undone(message.body, encoding, limits)
            opaque = plain is None
            if plain is not None:
                fields += _read_body(reader, replace(message, body=plain), mails, views)
        fields += _read_body(reader, message, mails, views)
    every = dict.fromkeys([*fields, *(inner for each in fields for inner in _within(each))])
    signs = max(message.query.count("&") + message.query.count(";"), message.body.count(b"&"))
    reading = reader.reading()
    return WebReading(
        views=tuple(dict.fromkeys((*reading.views, *views))),
        unread=reading.unread,
        addresses=tuple(mails),
        fields=tuple(islice(every, _MOST_FIELDS)),
        crowded=opaque or max(len(every), signs) > _MOST_FIELDS,
    )


def _read_body(reader: Reader, message: WebMessage, mails: list[Address], views: dict[View, None]) -> list[Field]:
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
        return [*_named(pairs), *_whatever(body)]  # curl calls everything a form, unless it is told otherwise.
    if kind == "application/xml" or kind.endswith(("/xml", "+xml")):
        return _read_xml(reader, body, stated.first("charset") or "utf-8")
    if kind.startswith("text/"):
        charset = stated.first("charset") or "utf-8"
        read_text(reader, "body", body, TextType(charset, Format.TEXT, kind.removeprefix("text/")), 1)
        return [] if kind == "text/html" else _whatever(body)
    # Whatever else it says it is counts for nothing.
    if kind == "application/json" or kind.endswith("+json") or _looks_like_json(body):
        return _read_json(reader, body)
    read_file(reader, "body", body, 1)
    # Whoever takes it may take it for a form, whatever it says it is; else for something that holds an address.
    form = _named(_pairs(body.decode("ascii"))) if body.isascii() and b"=" in body else []
    found = {*_ADDRESS.findall(body), *_ADDRESS.findall(body.replace(b"\0", b""))}
    return [*form, *_whatever(body), *(Field((), each.decode("ascii")) for each in found)]


def _looks_like_json(body: bytes) -> bool:
    return body.removeprefix(BOM_UTF8).lstrip()[:1] in {b"{", b"["}


def _whatever(body: bytes) -> list[Field]:
    """Return the fields that a lenient reader finds in a body which calls itself a text or a form."""
    if _looks_like_json(body):
        return _json_fields(body)
    text = body.removeprefix(BOM_UTF8).decode("utf-8", "replace").strip()
    if text.startswith("<"):
        return _between(text)
    lines = text.splitlines()
    if lines and all(_PAIR.match(line) for line in lines[:_MOST_FIELDS]):
        return _named(_pairs("&".join(lines)))
    return []


def _json_fields(body: bytes) -> list[Field]:
    """Return the fields of JSON; where it is broken, every string of it: lines of JSON, or a lenient reader's."""
    try:
        return _walked(body)
    except (ValueError, RecursionError):
        text = body.decode(json.detect_encoding(body), "replace")
        return [Field((), each.group(1)) for each in _STRING.finditer(text)]


def _read_json(reader: Reader, body: bytes) -> list[Field]:
    try:
        body.decode("utf-8")
        fields = _walked(body)
    except (ValueError, RecursionError):  # also what is not UTF-8
        reader.miss("body", Gap.BROKEN)
        read_text(reader, "body", body, TextType("utf-8", Format.TEXT), 1)
        return _json_fields(body)
    pairs = [(each.names[-1] if each.names else "", each.value) for each in fields]
    _see(reader, "body", _lines(pairs))
    for name, value in pairs:
        if not name and value:
            reader.see("body", "json", Kind.TEXT, value)
    return fields


def _walked(text: str | bytes) -> list[Field]:
    """Return every value of a JSON document. Raises ValueError and RecursionError."""
    return list(_walk(json.loads(text, object_pairs_hook=_Table), ()))


def _within(field: Field) -> list[Field]:
    """Return the fields of a value that is JSON itself, as sending services take it in a form or a header field."""
    if _GRAPHQL.match(field.value):
        return [Field(field.names, each.group(1)) for each in _STRING.finditer(field.value)]
    if field.value.lstrip()[:1] not in {"{", "["}:
        return []
    try:
        return [Field((*field.names, *each.names), each.value) for each in _walked(field.value)]
    except (ValueError, RecursionError):
        return []


def _undone(body: bytes, encoding: str, limits: Limits) -> bytes | None:
    """Undo the encoding of a body; None where that fails, or where too much comes out."""
    if encoding not in _ENCODINGS:
        return None
    engine = zlib.decompressobj(_ENCODINGS[encoding])
    try:
        plain = engine.decompress(body, limits.expanded)
    except zlib.error:
        return None
    return plain if engine.eof and not engine.unused_data else None


def _named(pairs: Iterable[tuple[str, str]]) -> list[Field]:
    return [Field((name,) if name else (), value) for name, value in pairs]


class _Table(list[tuple[str, Any]]):
    """A JSON object with all of its members, those of one name too: which of them counts, readers differ about."""


def _walk(node: Any, names: tuple[str, ...]) -> Iterator[Field]:
    if isinstance(node, _Table):
        if names:
            yield Field(names, "")  # The name of a table says something without a value of its own.
        for inner, value in node:
            yield from _walk(value, (*names, inner))
    elif isinstance(node, list):
        if names and not node:
            yield Field(names, "")
        for value in node:
            yield from _walk(value, names)
    else:
        yield Field(names, "" if node is None or isinstance(node, bool) else str(node))


def _read_xml(reader: Reader, body: bytes, charset: str) -> list[Field]:
    read_text(reader, "body", body, TextType(charset, Format.XML, "xml"), 1)
    root = parse_xml(reader, "body", body)
    return _between(body.decode("utf-8", "replace")) if root is None else list(_elements(root, ()))


def _between(text: str) -> list[Field]:
    return [Field((), (each.group(1) or each.group(2)).strip()) for each in _BETWEEN.finditer(text)]


def _elements(element: Any, above: tuple[str, ...]) -> Iterator[Field]:
    names = (*above, local(element))  # No deeper than 256: libxml2 refuses what is.
    # What stands behind a comment, or in pieces around one, is its text too.
    yield Field(names, "".join((element.text or "", *(child.tail or "" for child in element))).strip())
    for key, value in element.attrib.items():
        yield Field((*names, str(key).rpartition("}")[2]), str(value))
    for child in element:
        if local(child):
            yield from _elements(child, names)


def _read_mailed(reader: Reader, message: WebMessage, mails: list[Address], views: dict[View, None]) -> list[Field]:
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
                pairs.append((name, payload[:_LONGEST_PART].decode("utf-8", "replace").strip()))
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        reader.miss("body", Gap.PARSERS_DISAGREE)
    return _named(pairs)


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
