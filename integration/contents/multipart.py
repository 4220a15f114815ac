"""Cutting a multipart body at its boundary, and at every one that another reader may see (RFC 2046 section 5.1)."""

import re
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from integration.contents.parameters import Structured
from integration.contents.reader import Reader
from integration.domain.messages.gaps import Gap
from integration.domain.messages.views import Kind

_ALLOWED: Final = re.compile(r"[0-9A-Za-z'()+_,./:=? -]{0,69}[0-9A-Za-z'()+_,./:=?-]")
_LINE: Final = re.compile(rb"(?:^|\r\n)--([^\r\n]{1,200})")
_NOTICE: Final = re.compile(
    r"\s*(?:this is a (?:multi-?part|cryptographically signed) message in mime format\.?|"
    r"this message is in mime format\.?[^.]{0,120}\.?)\s*",
    re.IGNORECASE,
)
_MOST_GUESSES: Final = 4
_MOST_LINES: Final = 1_000


@dataclass(slots=True)
class Pieces:
    """A multipart body, cut."""

    parts: list[bytes] = field(default_factory=list)
    preamble: bytes = b""
    epilogue: bytes = b""
    clean: bool = True


def cut(body: bytes, boundary: str) -> Pieces:
    """Cut a body at one boundary."""
    mark = b"--" + boundary.encode("utf-8", "surrogateescape")
    pieces = Pieces()
    current: list[bytes] | None = None
    before: list[bytes] = []
    closed = False
    for line in body.split(b"\r\n"):
        if not line.startswith(mark):
            (before if current is None else current).append(line)
            continue
        rest = line[len(mark) :]
        if rest.strip(b" \t") not in {b"", b"--"}:
            # Some readers compare only the beginning of the line.
            pieces.clean = False
            (before if current is None else current).append(line)
            continue
        if current is not None:
            pieces.parts.append(b"\r\n".join(current))
        elif closed:
            pieces.clean = False
        else:
            pieces.preamble = b"\r\n".join(before)
        if rest.strip(b" \t") == b"--":
            current, closed, before = None, True, []
        else:
            current = []
    if current is not None:
        pieces.clean = False  # It is never closed: whatever follows in the stream is a part of it.
        pieces.parts.append(b"\r\n".join(current))
    elif closed:
        pieces.epilogue = b"\r\n".join(before)
    else:
        pieces.preamble = b"\r\n".join(before)
    pieces.clean = pieces.clean and bool(pieces.parts)
    return pieces


def cut_in_every_way(reader: Reader, part: str, body: bytes, content_type: Structured) -> list[bytes]:
    """Return the parts of a multipart body by every boundary it may be read with; doubts are gaps."""
    stated = content_type.parameters.get("boundary", [])
    if len(stated) != 1 or not _ALLOWED.fullmatch(stated[0]):
        reader.miss(part, Gap.BAD_BOUNDARY)
    parts: list[bytes] = []
    for number, boundary in enumerate(stated[:_MOST_GUESSES]):
        pieces = cut(body, boundary)
        if not pieces.clean:
            reader.miss(part, Gap.BAD_BOUNDARY)
        for name, stray in (("preamble", pieces.preamble), ("epilogue", pieces.epilogue)):
            text = stray.decode("utf-8", "replace")
            if text.strip() and number == 0:
                reader.see(part, name, Kind.TEXT, text)
                if not (name == "preamble" and _NOTICE.fullmatch(text)):
                    reader.miss(part, Gap.STRAY_TEXT)
        seen = set(parts)
        parts += [each for each in pieces.parts if each not in seen]
    if not stated or not parts:
        for boundary in _guesses(body):
            parts += cut(body, boundary).parts[: reader.limits.parts]
    return parts


def _guesses(body: bytes) -> list[str]:
    """Return what lines of a body would be boundaries, if no boundary were stated or none fits."""
    found: dict[bytes, int] = {}
    for each in islice(_LINE.finditer(body), _MOST_LINES):
        line = each.group(1).rstrip()
        found[line.removesuffix(b"--")] = found.get(line.removesuffix(b"--"), 0) + 1
    ranked = sorted((name for name in found if name), key=lambda name: -found[name])
    return [name.decode("latin-1") for name in ranked[:_MOST_GUESSES] if name.isascii()]
