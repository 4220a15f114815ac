"""The demo's installation, opened; meanwhile logs go to a file, because the terminal belongs to the board."""

from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from integration.bootstrap import Installation, open_installation
from integration.demo.keep import Folder, settings_of
from integration.logs import configure_logs


@contextmanager
def opened(folder: Folder) -> Iterator[Installation]:
    """Open the demo's installation; while it is open, logs go to a file, because the terminal belongs to the board."""
    with folder.service_log.open("w") as service_log:
        before = structlog.get_config()
        configure_logs("info")
        # Loggers must not keep the file past its closing.
        factory = structlog.PrintLoggerFactory(service_log)
        structlog.configure(logger_factory=factory, cache_logger_on_first_use=False)
        try:
            installation = open_installation(settings_of(folder))
            try:
                yield installation
            finally:
                installation.store.close()
        finally:
            structlog.configure(**before)
