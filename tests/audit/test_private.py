"""Files and folders of the service's own: nobody else on the machine reads them, whatever the umask is."""

import os
from pathlib import Path

import pytest

from integration.audit import private
from integration.audit.private import private_folder, touch_private, write_private


@pytest.fixture(autouse=True, params=[0o000, 0o022], ids=["no umask", "usual umask"])
def _umask(request):
    before = os.umask(request.param)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def open_files() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def test_a_file_is_its_owners_alone_when_it_is_written(tmp_path):
    path = tmp_path / "report"
    write_private(path, b"first and longer")
    assert (mode(path), path.read_bytes()) == (0o600, b"first and longer")
    path.chmod(0o644)
    write_private(path, b"second")
    assert (mode(path), path.read_bytes()) == (0o600, b"second")


def test_a_file_is_on_the_disk_when_the_call_returns(tmp_path, monkeypatch):
    path, synced = tmp_path / "report", []
    real = os.fsync
    monkeypatch.setattr(private.os, "fsync", lambda handle: (synced.append(path.read_bytes()), real(handle)))
    write_private(path, b"text")
    assert synced == [b"text"]


def test_a_file_is_its_owners_alone_from_the_first_moment(tmp_path, monkeypatch):
    # because whoever opens it then can read it later
    path, modes = tmp_path / "report", []
    monkeypatch.setattr(private.os, "fchmod", lambda *_: modes.append(mode(path)))
    write_private(path, b"text")
    assert modes == [0o600]


def test_an_error_is_told_when_a_file_cannot_be_written(tmp_path):
    with pytest.raises(FileNotFoundError):
        write_private(tmp_path / "missing" / "report", b"text")


def test_folders_are_their_owners_alone_when_they_are_made(tmp_path):
    tmp_path.chmod(0o755)
    private_folder(tmp_path / "a" / "b" / "c")
    assert [mode(tmp_path / each) for each in ("a", "a/b", "a/b/c")] == [0o700] * 3
    assert mode(tmp_path) == 0o755


def test_a_folder_stays_as_it_is_when_it_is_there(tmp_path):
    folder = tmp_path / "a"
    folder.mkdir()
    folder.chmod(0o750)
    private_folder(folder)
    private_folder(folder / "b")
    assert (mode(folder), mode(folder / "b")) == (0o750, 0o700)


def test_a_folder_is_fine_when_somebody_else_makes_it_meanwhile(tmp_path, monkeypatch):
    real = Path.exists
    monkeypatch.setattr(Path, "exists", lambda path: path != tmp_path and real(path))
    private_folder(tmp_path)
    assert tmp_path.is_dir()


@pytest.mark.parametrize("kind", [str, Path])
def test_a_database_is_its_owners_alone_when_it_is_new(tmp_path, kind):
    open_before = open_files()
    touch_private(kind(tmp_path / "db"))
    assert (mode(tmp_path / "db"), (tmp_path / "db").read_bytes()) == (0o600, b"")
    assert open_files() == open_before


def test_a_database_keeps_its_mode_and_content_when_it_is_there(tmp_path):
    path = tmp_path / "db"
    path.write_bytes(b"rows")
    path.chmod(0o660)
    touch_private(path)
    assert (mode(path), path.read_bytes()) == (0o660, b"rows")


def test_what_is_there_is_left_alone_when_it_is_no_file(tmp_path):
    # because whoever opens it says better what is wrong with it
    touch_private(tmp_path)
    assert tmp_path.is_dir()


@pytest.mark.parametrize("name", ["", ":memory:"])
def test_no_file_is_made_when_a_database_is_in_memory(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    touch_private(name)
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_cannot_be_made_is_left_to_whoever_opens_it(tmp_path, monkeypatch):
    touch_private(tmp_path / "missing" / "db")
    touch_private(tmp_path / "db" / "db")
    assert list(tmp_path.iterdir()) == []

    def refuse(*_):
        raise PermissionError

    monkeypatch.setattr(private.os, "open", refuse)
    touch_private(tmp_path / "db")


def test_another_error_is_told_when_a_file_is_made(tmp_path, monkeypatch):
    def refuse(*_):
        raise OSError(28, "no space left")

    monkeypatch.setattr(private.os, "open", refuse)
    with pytest.raises(OSError, match="no space left"):
        touch_private(tmp_path / "db")
