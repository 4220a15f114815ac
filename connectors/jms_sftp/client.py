"""Fetches files from an SFTP server into a folder: whole or not at all, each once.

A file is known by name, size and time of change. One that is written anew may have all three as before: now and then
the content of the newest is compared with what was fetched. A file is written under a passing name, synced, and
renamed; what was fetched is remembered in a file beside, written the same way, after the rename. A process that dies in
between fetches the file again under the same name: what reads the folder sees the same records, which are duplicates.
"""

import asyncio
import fnmatch
import os
import stat
from collections.abc import Callable
from hashlib import sha256
from math import inf
from typing import Any, Final

import asyncssh
import structlog

from connectors.durable import sync_folder
from connectors.jms_sftp.config import SftpSource
from connectors.jms_sftp.fetched import Fetched, Remote
from connectors.secret import read_secret
from integration.errors import TransientError, UsageError

_log = structlog.get_logger()
_UNFINISHED: Final = (".tmp", ".part")
_CHUNK: Final = 1 << 18


class SftpError(TransientError):
    """The server cannot be reached, is another one, or does not let us in. It is tried again."""


class SftpFetcher:
    """One folder on one server."""

    def __init__(self, settings: SftpSource, now: Callable[[], float]) -> None:
        """Read the keys.

        Args:
            settings: where.
            now: gives seconds since 1970.

        Raises:
            UsageError: a key, password or folder cannot be used.
        """
        self.name = settings.name
        self._settings = settings
        self._now = now
        settings.to.mkdir(parents=True, exist_ok=True)
        self._fetched = Fetched(settings.to / f".{settings.name}.fetched")
        self._seen: dict[str, tuple[int, int, float]] = {}
        self._compared_at = -inf
        try:
            # Trusted keys, authorities, revoked keys.
            pinned = asyncssh.import_public_key(settings.host_key_file.read_text().strip())
            self._host_keys: tuple[list[Any], list[Any], list[Any]] = ([pinned], [], [])
        except OSError as error:
            raise UsageError(f"{settings.host_key_file}: {error.strerror}") from None
        except (ValueError, asyncssh.Error):
            raise UsageError(f"{settings.host_key_file} holds no public key") from None
        self._login = self._credentials()

    def _credentials(self) -> dict[str, Any]:
        settings = self._settings
        if settings.password_file is not None:
            return {"password": read_secret(settings.password_file), "client_keys": None}
        assert settings.key_file is not None
        try:
            return {"client_keys": [asyncssh.import_private_key(read_secret(settings.key_file) + "\n")]}
        except (ValueError, asyncssh.Error):
            raise UsageError(f"{settings.key_file} holds no private key without a passphrase") from None

    async def fetch(self) -> int:
        """Fetch every file that is new and settled; returns how many.

        Raises:
            SftpError: see there.
        """
        settings = self._settings
        try:
            async with (
                asyncio.timeout(settings.timeout_seconds),
                self._connected() as connection,
                connection.start_sftp_client() as client,
            ):
                listed = [each async for each in self._listed(client)]
                waiting = self._settled([each for each in listed if each not in self._fetched])
                known = self._to_compare([each for each in listed if each in self._fetched])
                tried = [*waiting, *known]
                failed = [error for remote in tried if (error := await self._tried(client, remote)) is not None]
        except (asyncssh.Error, OSError, TimeoutError) as error:
            raise SftpError(f"{self.name}: {type(error).__name__}") from None
        if failed:
            raise SftpError(f"{self.name}: {len(failed)} of {len(tried)} files: {failed[0]}")
        return len(waiting)

    def _to_compare(self, known: list[Remote]) -> list[Remote]:
        """Return the files whose content is to be compared with what was fetched: the newest, now and then."""
        now = self._now()
        if not known or now - self._compared_at < self._settings.compare_every_seconds:
            return []
        self._compared_at = now
        return sorted(known, key=lambda each: (each.changed, each.name))[-self._settings.compare_files :]

    async def _tried(self, client: asyncssh.SFTPClient, remote: Remote) -> str | None:
        """Fetch a file; return what is wrong if it alone cannot be: the others must not wait for it."""
        try:
            await self._take(client, remote)
        except (asyncssh.SFTPNoConnection, asyncssh.SFTPConnectionLost):
            raise
        except (asyncssh.SFTPError, SftpError) as error:
            self._seen.pop(remote.name, None)
            return type(error).__name__
        return None

    async def look(self) -> int:
        """Return how many files wait there; nothing is fetched. Raises SftpError."""
        try:
            async with self._connected() as connection, connection.start_sftp_client() as client:
                return len([each async for each in self._listed(client) if each not in self._fetched])
        except (asyncssh.Error, OSError) as error:
            raise SftpError(f"{self.name}: {type(error).__name__}") from None

    def _connected(self) -> Any:
        settings = self._settings
        return asyncssh.connect(
            settings.host,
            settings.port,
            username=settings.user,
            known_hosts=self._host_keys,
            agent_path=None,
            config=None,
            **self._login,
        )

    async def _listed(self, client: asyncssh.SFTPClient) -> Any:
        async for entry in client.scandir(self._settings.remote):
            name, about = str(entry.filename), entry.attrs
            regular = about.permissions is None or stat.S_ISREG(about.permissions)
            unfinished = name.startswith(".") or name.endswith(_UNFINISHED)
            if unfinished or "/" in name or not fnmatch.fnmatchcase(name, self._settings.pattern):
                continue
            if not regular:
                # A link may point anywhere, and at another file tomorrow: that it is there is told, not followed.
                _log.error("sftp.not_a_file", source=self.name)
                continue
            remote = Remote(name, int(about.size or 0), int(about.mtime or 0))
            if remote.size > self._settings.max_bytes:
                _log.error("sftp.too_large", source=self.name, bytes=remote.size)
                continue
            yield remote

    def _settled(self, listed: list[Remote]) -> list[Remote]:
        """Return those that nobody writes to any more, oldest name first."""
        now = self._now()
        settled: list[Remote] = []
        seen: dict[str, tuple[int, int, float]] = {}
        for each in listed:
            size, changed, since = self._seen.get(each.name, (-1, -1, now))
            same = (size, changed) == (each.size, each.changed)
            seen[each.name] = (each.size, each.changed, since if same else now)
            if now - seen[each.name][2] >= self._settings.settled_seconds:
                settled.append(each)
        self._seen = seen
        return sorted(settled, key=lambda each: each.name)

    async def _take(self, client: asyncssh.SFTPClient, remote: Remote) -> None:
        target = self._settings.to / remote.name
        part = target.with_name(f".{remote.name}.part")
        path = (
            f"{self._settings.remote.rstrip('/') or ''}/{remote.name}" if self._settings.remote != "." else remote.name
        )
        size, content_of = 0, sha256()
        async with client.open(path, "rb") as source:
            with part.open("wb") as stream:
                while content := await source.read(_CHUNK):
                    assert isinstance(content, bytes)
                    size += len(content)
                    if size > self._settings.max_bytes:
                        raise SftpError(f"{self.name}: a file grew past the limit while it was read")
                    stream.write(content)
                    content_of.update(content)
                stream.flush()
                os.fsync(stream.fileno())
            about = await client.stat(path)
        if size != remote.size or (int(about.size or 0), int(about.mtime or 0)) != (remote.size, remote.changed):
            # It is being written to: it comes again when it has settled.
            part.unlink()
            self._seen.pop(remote.name, None)
            _log.warning("sftp.still_written", source=self.name)
            return
        digest = content_of.hexdigest()
        before = self._fetched.digest(remote)
        if before in ("", digest):
            part.unlink()
            if not before:
                self._fetched.add(remote, digest)
            return
        if before is not None:
            _log.warning("sftp.rewritten", source=self.name)
        os.utime(part, (remote.changed, remote.changed))  # when it was written there, not when it came here
        part.replace(target)
        sync_folder(target.parent)
        self._fetched.add(remote, digest)
        _log.info("sftp.fetched", source=self.name, bytes=size)
