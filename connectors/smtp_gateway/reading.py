r"""Reading from an SMTP client without repairing anything: a line ends with CRLF, a message with CRLF ``.`` CRLF.

The library reads commands up to a bare LF, and drops what it calls extra carriage returns. Two readers that differ on
where a line or a message ends are how a message is smuggled past a gate. So here a bare CR, a bare LF or a NUL, in a
command or in a message, ends the connection: nothing after it is read as anything (RFC 5321, section 2.3.8).
"""

import re
from asyncio import LimitOverrunError, StreamReader
from collections.abc import Callable
from typing import Any, Final

from integration.contents.framing import Fault, framing_fault

END: Final = b"\r\n.\r\n"
_LAST_LINE: Final = b".\r\n"
_LF: Final = 0x0A
_STUFFED: Final = re.compile(rb"\r\n\.")


class HangUp(BaseException):
    """Nothing more may be read from this client. No `Exception`: the library would answer it and read on."""

    def __init__(self, reply: str) -> None:
        """Args: ``reply`` is the last that the client hears."""
        super().__init__(reply)
        self.reply = reply


class StrictReader:
    """Stands before the library's stream: command lines have to end with CRLF and to hold no other control."""

    def __init__(self, stream: StreamReader) -> None:
        """Args: ``stream`` is the connection's."""
        self.__dict__["stream"] = stream

    def __getattr__(self, name: str) -> Any:
        """Leave the rest to the stream."""
        return getattr(self.stream, name)

    def __setattr__(self, name: str, value: object) -> None:
        """The library puts the stream onto another transport for STARTTLS."""
        setattr(self.stream, name, value)

    async def readuntil(self, separator: bytes = b"\n") -> bytes:
        """Return a command line with its end.

        Raises:
            HangUp: it has a bare CR, a bare LF or a NUL.
        """
        line: bytes = await self.stream.readuntil(separator)
        if framing_fault(line) is not None:
            raise HangUp("500 5.5.2 a line ends with CRLF, and has no other control")
        return line

    async def readline(self) -> bytes:
        """Return a line of an AUTH exchange with its end."""
        return await self.readuntil()


class TooLargeError(Exception):
    """The message is larger than allowed. It was read to its end, and nothing of it was kept."""


class FaultError(Exception):
    """The message may not be read as mail at all."""

    def __init__(self, fault: Fault) -> None:
        """Args: ``fault`` says why."""
        super().__init__(fault.value)
        self.fault = fault


async def read_message(stream: StreamReader, limit: int, alive: Callable[[], None]) -> bytes:
    r"""Read what follows ``354``, up to CRLF ``.`` CRLF, and return it without dot stuffing.

    Args:
        stream: the connection.
        limit: bytes that a message may have.
        alive: called whenever something came.

    Raises:
        FaultError: it holds a bare CR, a bare LF or a NUL. Whoever sent it may mean something else by what follows.
        TooLargeError: it is larger than ``limit``.
        IncompleteReadError: the client went away.
    """
    # What was before the first line ended with CRLF: an empty message is a dot alone.
    read = bytearray(b"\r\n")
    too_large = False
    while True:
        try:
            read += await stream.readuntil(_LAST_LINE)
        except LimitOverrunError as error:
            read += await stream.readexactly(error.consumed)
        alive()
        if read.endswith(END):
            break
        if len(read) > limit + len(END):
            fault = framing_fault(bytes(read).removesuffix(b"\r"))
            if fault is not None:
                raise FaultError(fault)
            too_large = True
            # Enough to see the end in; a line end is not cut in two.
            del read[: -len(END) - (read[-len(END)] == _LF)]
    message = bytes(read)
    fault = framing_fault(message)
    if fault is not None:
        raise FaultError(fault)
    if too_large or len(message) - len(END) > limit:
        raise TooLargeError
    return _STUFFED.sub(b"\r\n", message[: -len(_LAST_LINE)])[2:]


def stuffed(message: bytes) -> bytes:
    """Return a message with dots doubled at the beginning of lines, and its last line ended (RFC 5321, 4.5.2)."""
    out = message.replace(b"\r\n.", b"\r\n..")
    if out.startswith(b"."):
        out = b"." + out
    return out if out.endswith(b"\r\n") or not out else out + b"\r\n"
