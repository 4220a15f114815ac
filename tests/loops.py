"""Event loops that are closed when their connections are."""

import asyncio
import time
from asyncio.sslproto import SSLProtocol
from typing import Any

_PATIENCE_SECONDS = 60


class Loop(asyncio.SelectorEventLoop):
    """Closes when every connection that is being closed has come to its end.

    Few libraries wait for that. Over TLS it takes an answer of the other side, which is a while coming on a busy
    machine; a loop that is closed meanwhile keeps the socket open, and another test is blamed for it much later. A
    connection that nobody closes is found as before.
    """

    def close(self) -> None:
        """Close the loop; callbacks may still run before."""
        # The collector, too, closes loops, wherever it happens to run.
        if not self.is_closed() and asyncio._get_running_loop() is None:
            until = time.monotonic() + _PATIENCE_SECONDS
            while self._ending() and time.monotonic() < until:
                self.run_until_complete(asyncio.sleep(0.005))
        super().close()

    def _ending(self) -> bool:
        return any(_is_ending(each) for each in list(self._transports.values()))


def _is_ending(transport: Any) -> bool:
    if transport._sock is None:
        return False
    protocol = transport.get_protocol()
    over = protocol._app_transport if isinstance(protocol, SSLProtocol) else None
    return transport.is_closing() or (over is not None and over.is_closing())


class Policy(asyncio.DefaultEventLoopPolicy):
    """Makes such loops wherever a loop is made."""

    _loop_factory = Loop
