"""Reading a secret that lives in a file of its own."""

import stat
from pathlib import Path

from integration.errors import UsageError


def read_secret(path: Path) -> str:
    """Return a secret without the white space around it.

    Raises:
        UsageError: the file is missing, empty, no text, or readable by others; its content is never told.
    """
    try:
        mode = path.stat().st_mode
        if stat.S_IMODE(mode) & 0o077:
            raise UsageError(f"{path} can be read by others: chmod 600 it")
        secret = path.read_text(encoding="ascii").strip()
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UsageError(f"{path} is no text") from None
    if not secret:
        raise UsageError(f"{path} is empty")
    return secret
