"""Ports for programs that have to be told one before they take it."""

import socket
from collections import deque

_KEPT: deque[socket.socket] = deque(maxlen=100)
"""What keeps the newest ports from being given to anybody else."""


def free_port() -> int:
    """Return a port of this machine that nobody else is given, here or in a process beside, until a program takes it.

    It stays bound, though nobody listens. Linux lets a second socket bind it where both say that they share it
    (``SO_REUSEADDR``), as servers do; a connection to it is refused; and neither port 0 nor a connection going out
    gets it. A port that was only free a moment ago can be anybody's once a slow program comes to take it.
    """
    kept = socket.socket()
    kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    kept.bind(("127.0.0.1", 0))
    if len(_KEPT) == _KEPT.maxlen:
        _KEPT.popleft().close()
    _KEPT.append(kept)
    return kept.getsockname()[1]
