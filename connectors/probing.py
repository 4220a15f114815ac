"""Trying a road out of a site without sending anything over it: is there a way, or does something stand in it?"""

import socket
import struct
from dataclasses import dataclass
from enum import StrEnum
from secrets import token_bytes
from typing import Final

_TYPE_A: Final = 1
_CLASS_IN: Final = 1
_MOST: Final = 4096


class Road(StrEnum):
    """What a try came to."""

    OPEN = "open"
    """A connection was made, or an answer came: there is a way out."""
    SHUT = "shut"
    """Refused, unreachable, or no answer in time."""
    UNKNOWN = "unknown"
    """It could not be tried."""


@dataclass(frozen=True, slots=True)
class Tried:
    """One road and what became of it."""

    road: Road
    why: str
    """A word: no address, and nothing of what the other side said."""


def try_tcp(host: str, port: int, seconds: float) -> Tried:
    """Connect, and hang up without a word. Whoever listens there sees a connection and no byte."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return Tried(Road.UNKNOWN, "name_not_found")
    why = "no_answer"
    for family, kind, protocol, _, address in found[:4]:
        with socket.socket(family, kind, protocol) as probe:
            probe.settimeout(seconds)
            try:
                probe.connect(address)
            except TimeoutError:
                why = "no_answer"
            except OSError as error:
                why = (error.strerror or "failed").casefold().replace(" ", "_")
            else:
                return Tried(Road.OPEN, "connected")
    return Tried(Road.SHUT, why)


def try_dns(server: str, port: int, name: str, seconds: float) -> Tried:
    """Ask a name server for an address. The name is the question's only content.

    Args:
        server: an address, not a name.
        port: 53, but in tests.
        name: what is asked for.
        seconds: how long to wait for an answer.
    """
    number = token_bytes(2)
    question = b"".join(bytes([len(label)]) + label for label in name.encode("idna").rstrip(b".").split(b".")) + b"\0"
    query = number + struct.pack(">HHHHH", 0x0100, 1, 0, 0, 0) + question + struct.pack(">HH", _TYPE_A, _CLASS_IN)
    try:
        family = socket.AF_INET6 if ":" in server else socket.AF_INET
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.settimeout(seconds)
            probe.connect((server, port))
            probe.send(query)
            answer = probe.recv(_MOST)
    except TimeoutError:
        return Tried(Road.SHUT, "no_answer")
    except OSError as error:
        return Tried(Road.SHUT, (error.strerror or "failed").casefold().replace(" ", "_"))
    return Tried(Road.OPEN, "answered") if answer[:2] == number else Tried(Road.UNKNOWN, "other_answer")
