"""Where the keys of a TOML text stand, so that a fault can name its line.

The parser of the standard library tells no lines. This looks only at what begins a line: headers of tables and keys.
What stands inside an inline table or a list has the line of the key that begins it.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final, TypeAlias

Path: TypeAlias = tuple[str | int, ...]

_KEY: Final = r"""[A-Za-z0-9_-]+|"(?:[^"\\]|\\.)*"|'[^']*'"""
_DOTTED: Final = rf"(?:{_KEY})(?:\s*\.\s*(?:{_KEY}))*"
_TABLE: Final = re.compile(rf"\s*\[\s*({_DOTTED})\s*\]")
_ARRAY: Final = re.compile(rf"\s*\[\[\s*({_DOTTED})\s*\]\]")
_ENTRY: Final = re.compile(rf"\s*({_DOTTED})\s*=")
_PART: Final = re.compile(_KEY)
_QUOTES: Final = ('"""', "'''")


def key_lines(text: str) -> dict[Path, int]:
    """Map each key's path, list places as numbers, to its line, counted from 1."""
    found: dict[Path, int] = {}
    table: Path = ()
    counts: Counter[Path] = Counter()
    open_quote = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if open_quote:
            open_quote = "" if open_quote in line else open_quote
            continue
        if matched := _ARRAY.match(line):
            name = _resolved(_parts(matched[1]), counts)
            table = (*name, counts[name])
            counts[name] += 1
            found[table] = number
        elif matched := _TABLE.match(line):
            table = _resolved(_parts(matched[1]), counts)
            found[table] = number
        elif matched := _ENTRY.match(line):
            found.setdefault((*table, *_parts(matched[1])), number)
        open_quote = next((quote for quote in _QUOTES if line.count(quote) % 2), "")
    return found


def line_of(lines: Mapping[Path, int], path: Sequence[str | int]) -> int | None:
    """Return the line of a key, or of the nearest thing around it that has one."""
    for size in range(len(path), 0, -1):
        if (line := lines.get(tuple(path[:size]))) is not None:
            return line
    return None


def _parts(dotted: str) -> Path:
    return tuple(part[1:-1] if part[0] in "\"'" else part for part in _PART.findall(dotted))


def _resolved(name: Path, counts: Counter[Path]) -> Path:
    """Put in which element of each list around it a table belongs to: the latest."""
    path: Path = ()
    for part in name[:-1]:
        path = (*path, part)
        if counts[path]:
            path = (*path, counts[path] - 1)
    return (*path, *name[-1:])
