"""The SFTP connector at work."""

import time

from connectors.jms_sftp.client import SftpFetcher
from connectors.jms_sftp.config import SftpSource
from integration.runners.connect.taker import Taker


class SftpFeed:
    """One folder on one server."""

    def __init__(self, settings: SftpSource, taker: Taker) -> None:
        """Raises UsageError: see `SftpFetcher`."""
        self.name = settings.name
        self._every = settings.every_seconds
        self._taker = taker
        self._fetcher = SftpFetcher(settings, time.time)

    async def run(self) -> None:
        """Fetch again and again until the process stops. Raises SftpError."""
        while not self._taker.stopping.is_set():
            await self._fetcher.fetch()
            await self._taker.sleep(self._every)

    def close(self) -> None:
        """Nothing is open between two looks."""
