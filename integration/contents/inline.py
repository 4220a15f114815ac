"""Encodings inside a text: whatever a reader could copy out of it and decode."""

import html
import quopri
import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import unquote

from integration.contents.charsets import printable
from integration.contents.transfer import loose_base64, uudecode, ydecode

_BASE64: Final = re.compile(r"(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{16,}(?:\r?\n[ >|]{0,4}[A-Za-z0-9+/_-]{4,})*={0,2}")
_HEX: Final = re.compile(r"(?<![0-9A-Fa-f])(?:(?:\\x|0x)?[0-9A-Fa-f]{2}[ :,-]?){8,}(?![0-9A-Fa-f])")
_QUOTED: Final = re.compile(r"=[0-9A-Fa-f]{2}")
_PERCENT: Final = re.compile(r"%[0-9A-Fa-f]{2}")
_ENTITY: Final = re.compile(r"&#?\w{2,8};")
_ESCAPE: Final = re.compile(r"\\u([0-9A-Fa-f]{4})|\\x([0-9A-Fa-f]{2})")
_UU: Final = re.compile(r"(?:^|\n)begin(?:-base64)? [0-7]{3,4} [^\r\n]{0,200}\r?\n")
_YENC: Final = re.compile(r"(?:^|\n)=ybegin [^\r\n]{0,300}\r?\n")
_BASE64_SHAPE: Final = {code: "x" if chr(code).isalnum() or chr(code) in "+/_-" else " " for code in range(128)}
_HEX_SHAPE: Final = {code: "x" if chr(code) in "0123456789abcdefABCDEF\\x :,-" else "." for code in range(128)}
_RUN: Final = 16 * "x"
"""What the shape of a text has in it that holds base64 or hexadecimal digits: 16 characters for 8 bytes or more."""
_FEW: Final = 3
_MOST: Final = 40
"""Pieces of one text that are looked into."""


def hidden_in(text: str) -> Iterator[tuple[str, bytes | str]]:
    """Yield (how, what) for everything encoded in a text: another text, or a file's bytes."""
    if "begin" in text or "=y" in text:
        yield from _files(text)
    for count, each in enumerate(_BASE64.finditer(text) if _may_hold(text, _BASE64_SHAPE) else ()):
        if count == _MOST:
            break
        run = re.sub(r"\r?\n[ >|]{0,4}", "", each.group()).translate({ord("-"): "+", ord("_"): "/"})
        raw = loose_base64(run.encode("ascii"))
        said = printable(raw)
        yield ("base64 in text", said if said is not None else raw)
    yield from _whole(text)
    for count, each in enumerate(_HEX.finditer(text) if _may_hold(text, _HEX_SHAPE) else ()):
        if count == _MOST:
            break
        said = printable(bytes.fromhex(re.sub(r"\\x|0x|[^0-9A-Fa-f]", "", each.group())))
        if said is not None:
            yield "hexadecimal in text", said


def _may_hold(text: str, shape: dict[int, str]) -> bool:
    """Tell whether a text has a run of characters that may be encoded bytes. What is beyond ASCII is in none."""
    ascii_text = text if text.isascii() else text.encode("ascii", "replace").decode("ascii")
    return _RUN in ascii_text.translate(shape)


def _whole(text: str) -> Iterator[tuple[str, str]]:
    """Yield the text read whole in the encodings that it has traces of."""
    if text.count("=") >= _FEW and len(_QUOTED.findall(text)) >= _FEW:
        raw = quopri.decodestring(text.encode("utf-8", "replace"))
        yield "quoted-printable in text", raw.decode("utf-8", "replace")
    if text.count("%") >= _FEW and len(_PERCENT.findall(text)) >= _FEW:
        yield "percent encoding in text", unquote(text, errors="replace")
    if "&" in text and _ENTITY.search(text):
        yield "entities in text", html.unescape(text)
    if text.count("\\") >= _FEW and len(_ESCAPE.findall(text)) >= _FEW:
        yield "escapes in text", _ESCAPE.sub(lambda each: chr(int(each.group(1) or each.group(2), 16)), text)


def _files(text: str) -> Iterator[tuple[str, bytes | str]]:
    for count, each in enumerate(_UU.finditer(text)):
        if count == _MOST:
            break
        body, _, _ = text[each.end() :].partition("\nend")
        yield "uuencode", uudecode(body.encode("latin-1", "replace").splitlines())
    for count, each in enumerate(_YENC.finditer(text)):
        if count == _MOST:
            break
        body, _, _ = text[each.end() :].partition("\n=yend")
        lines = [line for line in body.encode("latin-1", "replace").splitlines() if not line.startswith(b"=ypart")]
        yield "yenc", ydecode(b"\n".join(lines))
