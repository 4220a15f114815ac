"""Counting without Python's collector of circular garbage."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

_LOCK = Lock()
_INSIDE: list[bool] = []
"""One for each report that is being counted; the first says whether the collector ran before."""


@contextmanager
def uncollected() -> Iterator[None]:
    """Leave the collector off meanwhile, and as it was once nobody counts any more.

    It is one for the process, and the console counts in threads: only the last of them turns it on again.
    """
    # Millions of tuples are kept until the end and none of them is part of a circle: the collector looks at all of them
    # again and again, a fifth of the time, and finds nothing. What nobody refers to is freed at once without it.
    with _LOCK:
        _INSIDE.append(_INSIDE[0] if _INSIDE else gc.isenabled())
        gc.disable()
    try:
        yield
    finally:
        with _LOCK:
            if _INSIDE.pop() and not _INSIDE:
                gc.enable()
