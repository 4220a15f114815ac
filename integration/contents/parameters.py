"""``Content-Type`` and ``Content-Disposition``: value, parameters, and whether there is one reading only."""

import re
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import unquote_to_bytes

from integration.contents.fields import as_text

_ATOM: Final = r"[!#$%&'*+.^_`{|}~0-9A-Za-z-]+"
_TYPE: Final = re.compile(rf"\s*({_ATOM}(?:/{_ATOM})?)\s*")
_STRICT: Final = re.compile(rf";\s*({_ATOM})=(?:\"((?:[^\"\\]|\\.)*)\"|({_ATOM}))\s*")
_LOOSE: Final = re.compile(
    rf"(?<![!#$%&'*+.^_`{{|}}~0-9A-Za-z-])({_ATOM}+)\s*+=\s*+(?:\"((?:[^\"\\]|\\.)*+)\"?|([^;\s]*+))"
)
"""It begins where an atom begins, and takes all of it: so each character is looked at once or twice."""
_SECTION: Final = re.compile(r"(?P<name>[^*]+)(?:\*(?P<number>\d{1,3}))?(?P<encoded>\*)?")
_ESCAPE: Final = re.compile(r"\\(.)")
_LONGEST: Final = 8_000


@dataclass(slots=True)
class Structured:
    """A structured field's value."""

    value: str = ""
    """Lower case; empty where there is none."""
    parameters: dict[str, list[str]] = field(default_factory=dict)
    """Every value that a reader may see for each parameter, lower-case names."""
    clean: bool = True
    """It has one reading: no comment, no repetition, nothing left over, boundary and charset in plain form."""

    def first(self, name: str) -> str:
        """Return a parameter's first value; empty where there is none."""
        return (self.parameters.get(name) or [""])[0]


def structured(text: str) -> Structured:
    """Read a structured field."""
    if len(text) > _LONGEST:
        return Structured(clean=False)
    start = _TYPE.match(text)
    if start is None:
        return _loosely(text, Structured(clean=False), 0)
    found = Structured(start.group(1).casefold())
    at = start.end()
    raw: list[tuple[str, str]] = []
    while (parameter := _STRICT.match(text, at)) is not None:
        name, quoted, token = parameter.groups()
        raw.append((name.casefold(), _ESCAPE.sub(r"\1", quoted) if quoted is not None else token))
        at = parameter.end()
    names = [name for name, _ in raw]
    if len(set(names)) < len(names):
        found.clean = False
    _gather(raw, found)
    if text[at:].strip(" \t;"):
        found.clean = False
        return _loosely(text, found, start.end())
    return found


def _loosely(text: str, found: Structured, at: int) -> Structured:
    """Add what a lenient reader would see."""
    raw = [
        (name.casefold(), _ESCAPE.sub(r"\1", quoted) if quoted is not None else token or "")
        for name, quoted, token in _LOOSE.findall(text[at:])
    ]
    _gather(raw, found)
    return found


def _gather(raw: list[tuple[str, str]], found: Structured) -> None:
    """Put RFC 2231 sections together, and keep every reading of each parameter."""
    sections: dict[str, list[tuple[int, str, bool]]] = {}
    for written, value in raw:
        matched = _SECTION.fullmatch(written)
        if matched is None or (matched["number"] is None and matched["encoded"] is None):
            _add(found, written, value)
            continue
        name = matched["name"]
        if name in {"boundary", "charset"}:
            found.clean = False
        sections.setdefault(name, []).append((int(matched["number"] or 0), value, matched["encoded"] is not None))
        _add(found, name, value)
    for name, parts in sections.items():
        ordered = sorted(parts, key=lambda part: part[0])
        charset, joined = "utf-8", b""
        for place, (_, value, encoded) in enumerate(ordered):
            text = value
            if encoded and place == 0 and text.count("'") >= 2:  # noqa: PLR2004  charset'language'value
                charset, _, text = text.split("'", 2)
            joined += unquote_to_bytes(text) if encoded else text.encode("utf-8", "replace")
        try:
            _add(found, name, joined.decode(charset or "ascii"))
        except (LookupError, UnicodeDecodeError, ValueError):
            found.clean = False
            _add(found, name, as_text(joined))


def _add(found: Structured, name: str, value: str) -> None:
    values = found.parameters.setdefault(name, [])
    if value not in values:
        values.append(value)
