"""Header fields: cut out of the bytes, unfolded, and told apart where they are malformed (RFC 5322 section 2.2)."""

import re
from dataclasses import dataclass
from typing import Final

_NAME: Final = re.compile(rb"[\x21-\x39\x3b-\x7e]{1,76}:")
_LOOSE: Final = re.compile(rb"[\x21-\x39\x3b-\x7e]{1,76}[ \t]+:")
SINGLE: Final = frozenset(
    """
    date from sender reply-to to cc bcc message-id in-reply-to references subject mime-version content-type
    content-transfer-encoding content-disposition content-id content-description
    """.split()
)
"""Fields that may stand once (RFC 5322 section 3.6, RFC 2045)."""


@dataclass(frozen=True, slots=True)
class Field:
    """One header field."""

    name: str
    """Lower case."""
    value: str
    """Unfolded; bytes above ASCII as UTF-8, or as Latin-1 where they are none."""


@dataclass(frozen=True, slots=True)
class Head:
    """The header of a message or part, and the rest."""

    fields: tuple[Field, ...]
    body: bytes
    malformed: tuple[str, ...]
    """Lines that are no field: some readers pass over them, others take the body to begin there."""
    cut_off: bool
    """There are more fields than the limit."""

    def all(self, name: str) -> list[str]:
        """Return the values of every field of that name."""
        return [field.value for field in self.fields if field.name == name]

    def doubled(self) -> set[str]:
        """Return the names of fields that stand twice and may not."""
        names = [field.name for field in self.fields]
        return {name for name in names if name in SINGLE and names.count(name) > 1}


def split_head(raw: bytes, limit: int) -> Head:
    """Cut a message or part into its header and its body."""
    if raw.startswith(b"\r\n"):
        block, body = b"", raw[2:]
    else:
        block, _, body = raw.partition(b"\r\n\r\n")
    fields: list[tuple[bytes, list[bytes]]] = []
    malformed: list[bytes] = []
    lines = block.split(b"\r\n")
    for line in lines:
        if line[:1] in {b" ", b"\t"} and fields:
            fields[-1][1].append(line)
            if not line.strip():
                malformed.append(line)
            continue
        name = _NAME.match(line)
        if name is not None:
            fields.append((name.group()[:-1], [line[name.end() :]]))
        elif line:
            malformed.append(line)
            loose = _LOOSE.match(line)
            if loose is not None:
                fields.append((loose.group()[:-1].strip(), [line[loose.end() :]]))
        if len(fields) > limit:
            break
    return Head(
        tuple(Field(name.decode("ascii").casefold(), as_text(b"".join(parts)).strip()) for name, parts in fields),
        body,
        tuple(as_text(line) for line in malformed),
        len(fields) > limit,
    )


def as_text(raw: bytes) -> str:
    """Read bytes of a header: UTF-8 (RFC 6532), or Latin-1 where they are none."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")
