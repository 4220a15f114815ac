"""Making key files: whole and on the disk, or not there at all."""

import fcntl
import os
from pathlib import Path


def write_key(path: Path, content: bytes) -> None:
    """Put a key into a new file with mode 0600; it is durable once this returns.

    A crash on the way leaves no key, never half of one: that would have to be removed by hand before the next start.
    What it may leave is ``<name>.new``, which nobody uses and the next attempt writes over.

    Raises:
        FileExistsError: The file is there already: a key is never overwritten.
        OSError: The file cannot be written.
    """
    fresh = path.with_name(path.name + ".new")
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        # Two processes that start at once must not each believe in a key of its own. Closing gives the lock back.
        fcntl.flock(folder, fcntl.LOCK_EX)
        if path.exists():
            raise FileExistsError(f"{path} is there already: a key is never overwritten")
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        fresh.rename(path)
        os.fsync(folder)
    finally:
        os.close(folder)
