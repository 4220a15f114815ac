"""Reading a secret that lives in a file of its own."""

import os
from pathlib import Path

from integration.errors import UsageError


def open_to_others(seen: os.stat_result) -> bool:
    """Tell whether anybody but whoever runs this can get at a file.

    Of a volume of secrets Kubernetes makes root the owner and the pod's own group the reader (mode 0440, with
    ``fsGroup``), and nobody can change that: such a file is nobody else's.
    """
    ours = seen.st_uid == 0 and os.geteuid() != 0 and seen.st_gid in {os.getegid(), *os.getgroups()}
    return bool(seen.st_mode & (0o037 if ours else 0o077))


def read_secret(path: Path) -> str:
    """Return a secret without the white space around it.

    Raises:
        UsageError: the file is missing, empty, no text, or readable by others; its content is never told.
    """
    try:
        if open_to_others(path.stat()):
            raise UsageError(f"{path} can be read by others: chmod 600 it")
        secret = path.read_text(encoding="ascii").strip()
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UsageError(f"{path} is no text") from None
    if not secret:
        raise UsageError(f"{path} is empty")
    return secret
