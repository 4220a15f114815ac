"""A real SFTP server: pinned keys, files that are still written, restarts."""

import asyncio
import os
import threading
from contextlib import contextmanager

import asyncssh
import orjson
import pytest
from structlog.testing import capture_logs

from connectors.jms_sftp.client import SftpError, SftpFetcher
from connectors.jms_sftp.config import SftpSource
from connectors.jms_sftp.fetched import Fetched, Remote
from integration.errors import UsageError
from tests.connectors.jms_csv.test_dumps import ALL, EXAMPLE, ROWS
from tests.connectors.running import Site
from tests.servers import ended


class Jail:
    """An SFTP server in a thread of its own."""

    def __init__(self, root, user_key):
        self.root = root
        self._user_key = user_key
        self.key = asyncssh.generate_private_key("ssh-ed25519")
        self.port = 0
        self._stop = asyncio.Event()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()))

    async def _serve(self):
        self._loop = asyncio.get_running_loop()
        allowed = asyncssh.import_authorized_keys(self._user_key.export_public_key().decode())
        server = await asyncssh.listen(
            "127.0.0.1", self.port, server_host_keys=[self.key], authorized_client_keys=allowed,
            sftp_factory=lambda channel: asyncssh.SFTPServer(channel, chroot=os.fsencode(self.root)),
        )  # fmt: skip
        self.port = server.get_port()
        self._ready.set()
        await self._stop.wait()
        await ended(server)

    @contextmanager
    def open(self):
        self._thread.start()
        assert self._ready.wait(20)
        try:
            yield self
        finally:
            self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join(20)


@pytest.fixture
def jail(tmp_path):
    (tmp_path / "remote").mkdir()
    user_key = asyncssh.generate_private_key("ssh-ed25519")
    (tmp_path / "user").write_bytes(user_key.export_private_key())
    (tmp_path / "user").chmod(0o600)
    with Jail(tmp_path / "remote", user_key).open() as opened:
        (tmp_path / "host.pub").write_bytes(opened.key.export_public_key())
        yield opened


def settings(tmp_path, jail, **more):
    known = {"name": "far", "kind": "sftp", "host": "127.0.0.1", "port": jail.port, "user": "jms", "remote": "/"}
    files = {"host_key_file": tmp_path / "host.pub", "key_file": tmp_path / "user", "to": tmp_path / "drop"}
    return SftpSource(**known | files | {"pattern": "*.csv", "settled_seconds": 5} | more)


def put(jail, name, content, changed=1_000_000):
    (jail.root / name).write_bytes(content)
    os.utime(jail.root / name, (changed, changed))


def names(tmp_path):
    return sorted(each.name for each in (tmp_path / "drop").iterdir() if not each.name.startswith("."))


def test_file_is_fetched_once_when_it_has_settled(tmp_path, jail):
    clock = [0.0]
    fetcher = SftpFetcher(settings(tmp_path, jail), lambda: clock[0])
    put(jail, "a.csv", b"half")
    for name in (".b.csv", "b.csv.part", "c.txt"):
        put(jail, name, b"x")
    (jail.root / "d.csv").mkdir()
    assert asyncio.run(fetcher.fetch()) == 0
    clock[0] = 4
    put(jail, "a.csv", b"whole", changed=1_000_060)
    assert asyncio.run(fetcher.fetch()) == 0
    clock[0] = 10
    assert asyncio.run(fetcher.fetch()) == 1
    assert names(tmp_path) == ["a.csv"]
    assert (tmp_path / "drop" / "a.csv").read_bytes() == b"whole"
    assert int((tmp_path / "drop" / "a.csv").stat().st_mtime) == 1_000_060
    # Another process, after the reader took it away.
    (tmp_path / "drop" / "a.csv").unlink()
    again = SftpFetcher(settings(tmp_path, jail, settled_seconds=0), lambda: clock[0])
    assert asyncio.run(again.fetch()) == 0
    put(jail, "a.csv", b"another", changed=1_000_120)
    assert asyncio.run(again.fetch()) == 1


def test_server_is_refused_when_its_key_is_another_one(tmp_path, jail):
    other = asyncssh.generate_private_key("ssh-ed25519")
    (tmp_path / "host.pub").write_bytes(other.export_public_key())
    put(jail, "a.csv", b"x")
    with pytest.raises(SftpError, match="HostKeyNotVerifiable"):
        asyncio.run(SftpFetcher(settings(tmp_path, jail, settled_seconds=0), lambda: 0.0).fetch())
    assert names(tmp_path) == []


def test_file_is_left_when_it_is_larger_than_allowed(tmp_path, jail):
    put(jail, "a.csv", b"x" * 11)
    put(jail, "b.csv", b"x" * 10)
    fetcher = SftpFetcher(settings(tmp_path, jail, settled_seconds=0, max_bytes=10), lambda: 0.0)
    assert asyncio.run(fetcher.fetch()) == 1
    assert names(tmp_path) == ["b.csv"]


def test_other_files_are_fetched_when_one_cannot_be(tmp_path, jail, monkeypatch):
    real, locked = asyncssh.SFTPServer.open, [True]

    def open_(server, path, *options):
        if path == b"/a.csv" and locked[0]:
            raise asyncssh.SFTPPermissionDenied("no")
        return real(server, path, *options)

    monkeypatch.setattr(asyncssh.SFTPServer, "open", open_)
    put(jail, "a.csv", b"x")
    put(jail, "b.csv", b"x")
    (jail.root / "link.csv").symlink_to(jail.root / "b.csv")
    fetcher = SftpFetcher(settings(tmp_path, jail, settled_seconds=0), lambda: 0.0)
    with capture_logs() as logged, pytest.raises(SftpError, match="1 of 2 files: SFTPPermissionDenied"):
        asyncio.run(fetcher.fetch())
    assert names(tmp_path) == ["b.csv"]
    assert [each["event"] for each in logged if each["log_level"] == "error"] == ["sftp.not_a_file"], "a link"
    locked[0] = False
    assert asyncio.run(fetcher.fetch()) == 1
    assert names(tmp_path) == ["a.csv", "b.csv"]


def test_connector_does_not_start_when_a_key_cannot_be_used(tmp_path, jail):
    (tmp_path / "drop").mkdir()
    (tmp_path / "drop" / ".far.fetched").write_text("{")
    with pytest.raises(UsageError, match="damaged"):
        SftpFetcher(settings(tmp_path, jail), lambda: 0.0)
    (tmp_path / "drop" / ".far.fetched").unlink()
    (tmp_path / "user").write_text("no key")
    with pytest.raises(UsageError, match="private key"):
        SftpFetcher(settings(tmp_path, jail), lambda: 0.0)
    (tmp_path / "host.pub").write_text("no key")
    with pytest.raises(UsageError, match="public key"):
        SftpFetcher(settings(tmp_path, jail), lambda: 0.0)


def test_fetched_is_what_it_was_when_it_is_read_again(tmp_path, jail):
    fetched = Fetched(tmp_path / "f")
    fetched.add(Remote("a", 1, 2), "d1")
    again = Fetched(tmp_path / "f")
    assert Remote("a", 1, 2) in again
    assert Remote("a", 1, 3) not in again
    assert (again.digest(Remote("a", 1, 2)), again.digest(Remote("a", 1, 3))) == ("d1", None)
    # As it was kept before contents were compared.
    (tmp_path / "f").write_bytes(orjson.dumps([Remote("a", 1, 2).mark]))
    assert Fetched(tmp_path / "f").digest(Remote("a", 1, 2)) == ""


def test_file_is_fetched_again_when_it_is_written_anew_with_the_same_size_and_time(tmp_path, jail):
    clock = [0.0]
    known = settings(tmp_path, jail, settled_seconds=0, compare_every_seconds=900, compare_files=2)
    for name, changed in (("old.csv", 1_000), ("a.csv", 2_000), ("b.csv", 3_000)):
        put(jail, name, b"B-1,N", changed)
    fetcher = SftpFetcher(known, lambda: clock[0])
    assert asyncio.run(fetcher.fetch()) == 3

    def looked(at, fetcher=fetcher):
        """Return what comes into the folder at a time, with what it says."""
        for each in (tmp_path / "drop").glob("*.csv"):
            each.unlink()
        clock[0] = at
        asyncio.run(fetcher.fetch())
        assert not list((tmp_path / "drop").glob(".*.part"))
        return {each.name: each.read_bytes() for each in (tmp_path / "drop").glob("*.csv")}

    assert looked(900) == {}, "nothing has changed"
    put(jail, "a.csv", b"B-1,Y", 2_000)
    put(jail, "old.csv", b"B-1,Y", 1_000)
    assert looked(1_799) == {}, "it is not yet time to compare"
    assert looked(1_800) == {"a.csv": b"B-1,Y"}, "old.csv is not among the two newest"
    assert looked(2_700) == {}, "it is known as it is now"
    put(jail, "b.csv", b"B-2,Y", 3_000)
    assert looked(2_800, SftpFetcher(known, lambda: clock[0])) == {"b.csv": b"B-2,Y"}, (
        "another process compares at once"
    )


def test_content_is_learned_when_a_file_was_fetched_before_contents_were_compared(tmp_path, jail):
    put(jail, "a.csv", b"B-1,N")
    (tmp_path / "drop").mkdir()
    (tmp_path / "drop" / ".far.fetched").write_bytes(orjson.dumps([Remote("a.csv", 5, 1_000_000).mark]))
    known = settings(tmp_path, jail, settled_seconds=0)
    assert asyncio.run(SftpFetcher(known, lambda: 0.0).fetch()) == 0
    assert names(tmp_path) == []
    put(jail, "a.csv", b"B-1,Y")
    asyncio.run(SftpFetcher(known, lambda: 0.0).fetch())
    assert names(tmp_path) == ["a.csv"]


def test_nothing_is_lost_or_doubled_when_the_process_is_killed_between_server_and_store(tmp_path, jail):
    (tmp_path / "mapping.toml").write_text((EXAMPLE / "mapping.toml").read_text())
    sources = f"""
[[sources]]
name = "far"
kind = "sftp"
host = "127.0.0.1"
port = {jail.port}
user = "jms"
host_key_file = "{tmp_path}/host.pub"
key_file = "{tmp_path}/user"
remote = "/"
to = "{tmp_path}/drop"
settled_seconds = 0
every_seconds = 0.05
[[sources]]
name = "dump"
kind = "csv"
mapping = "{tmp_path}/mapping.toml"
path = "{tmp_path}/drop"
look_every_seconds = 0.02
"""
    site = Site(tmp_path, sources)
    site.make()
    put(jail, "a.csv", "\n".join(ROWS).encode())
    site.start()
    site.wait(lambda: site.count() >= 1)
    site.kill()
    site.run((tmp_path / "drop" / "processed" / "a.csv").exists)
    assert site.count() == ALL
    assert site.count("dead_letters") == 0
