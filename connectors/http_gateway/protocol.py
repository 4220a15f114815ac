"""uvicorn's HTTP protocol, behind a check of every byte of a head before its parser sees one.

The parser (h11) takes a bare LF for a line's end, unfolds folded lines and lets a transfer encoding overrule a length.
That is right for a server, and wrong for a gate: see `head`.
"""

import asyncio

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

from connectors.http_gateway.head import LONGEST, HeadFault, head_fault
from connectors.http_gateway.problems import Problem, as_response

_END = b"\r\n\r\n"


class StrictProtocol(H11Protocol):
    """One connection. One request at a time: what comes before the answer to the one before is refused."""

    def __init__(self, *arguments: object, **named: object) -> None:
        """Take what uvicorn gives."""
        super().__init__(*arguments, **named)  # type: ignore[arg-type]
        self._head = b""
        self._waiting: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Give the client so long for its first head, as for any later one."""
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing any more."""
        self._heard()
        super().connection_lost(exc)

    def _wait(self) -> None:
        if self._waiting is None:
            self._waiting = self.loop.call_later(self.timeout_keep_alive, self.transport.close)

    def _heard(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    def data_received(self, data: bytes) -> None:
        """Let bytes through to the parser, a head only after it was looked at whole."""
        if self.transport.is_closing():
            return
        state = self.conn.their_state
        if state is h11.SEND_BODY:
            super().data_received(data)
            self._see_that_nothing_follows()
            return
        if state is not h11.IDLE:
            self._refuse(HeadFault.PIPELINED)
            return
        self._unset_keepalive_if_required()
        self._wait()
        self._head += data
        end = self._head.find(_END)
        if end < 0:
            if (fault := self._early_fault()) is not None:
                self._refuse(fault)
            return
        self._heard()
        fault = head_fault(self._head[: end + len(_END)])
        whole, self._head = self._head, b""
        if fault is not None:
            self._refuse(fault)
            return
        super().data_received(whole)
        self._see_that_nothing_follows()

    def _early_fault(self) -> HeadFault | None:
        """Tell what is wrong already with a head that has no end yet: a bare LF may be its only kind of line end."""
        if len(self._head) > LONGEST:
            return HeadFault.TOO_LARGE
        rest = self._head.removesuffix(b"\r").replace(b"\r\n", b"")
        return HeadFault.BARE_LINE_END if b"\n" in rest or b"\r" in rest or b"\0" in rest else None

    def _see_that_nothing_follows(self) -> None:
        trailing, _ = self.conn.trailing_data
        if trailing and self.conn.their_state in {h11.DONE, h11.MUST_CLOSE}:
            self._refuse(HeadFault.PIPELINED)

    def _refuse(self, fault: HeadFault) -> None:
        """Answer and close, whatever was being done for this connection: its bytes cannot be trusted."""
        cycle: RequestResponseCycle | None = self.cycle
        if cycle is not None and not cycle.response_complete:
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        problem = Problem("bad_request", 400, "The request is refused unread.", {"reasons": [fault.value]})
        self.transport.write(as_response(problem))
        self.transport.close()
