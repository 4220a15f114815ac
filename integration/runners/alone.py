"""One process of a kind in one installation: two engines would each act on a picture that the other is changing."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from integration.errors import FatalError


@contextmanager
def alone(folder: Path, kind: str) -> Iterator[None]:
    """Be the one process of a kind that works in a state folder. Its end, however it comes, gives the place up.

    Args:
        folder: the state folder.
        kind: ``engine``, ``gateway``.

    Raises:
        FatalError: another one works there.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder / f"{kind}.lock").open("ab") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise FatalError(f"another {kind} of this installation is running, in {folder}") from None
        yield
