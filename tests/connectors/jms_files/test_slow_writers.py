"""Files that are written straight into the folder, under their last name: nothing of them is left unread."""

from pathlib import Path

import pytest

from connectors.jms_files.folder import DropFolder, FileUnavailableError
from tests.connectors.jms_files.test_passing_errors import FOLDER, lies_in, lines, run
from tests.connectors.running import Site

NAME = "Booking-Quillfeather.jsonl"


@pytest.fixture
def folder(tmp_path):
    return DropFolder(tmp_path / "drop", lambda _place, _document: [])


def taken(folder: DropFolder) -> int:
    """Read everything that waits; returns how many lines there were."""
    count = 0
    for file in folder.waiting():
        picked = folder.pick_up(file)
        count += len(list(folder.read(picked)))
        folder.finish(picked, refused=False)
    return count


def append(file: Path, content: bytes) -> None:
    with file.open("ab") as stream:
        stream.write(content)


def test_file_is_read_again_when_it_is_written_to_while_it_is_read(folder):
    (folder.path / NAME).write_bytes(lines(2))
    picked = folder.pick_up(folder.path / NAME)
    assert len(list(folder.read(picked))) == 2
    append(picked, lines(1, first=3))  # the writer's handle goes where the file goes
    with pytest.raises(FileUnavailableError):
        folder.finish(picked, refused=False)
    assert taken(folder) == 3
    assert folder.waiting() == []


@pytest.mark.parametrize("refused", [False, True])
def test_file_is_read_again_when_it_is_written_to_after_it_was_put_aside(folder, refused):
    (folder.path / NAME).write_bytes(lines(1))
    picked = folder.pick_up(folder.path / NAME)
    aside = folder.finish(picked, refused=refused)
    assert folder.waiting() == []
    append(aside, lines(2, first=2))
    assert taken(folder) == 3
    assert folder.waiting() == []
    assert [each.name for each in (folder.path / "processed").iterdir()] == [NAME]


def test_file_is_not_read_again_when_it_was_cleared_away_or_only_its_rights_have_changed(folder):
    for name in ("a.jsonl", "b.jsonl"):
        (folder.path / name).write_bytes(lines(1))
    assert taken(folder) == 2
    (folder.path / "processed" / "a.jsonl").unlink()
    (folder.path / "processed" / "b.jsonl").chmod(0o600)
    assert folder.waiting() == []


def test_every_event_is_taken_in_once_when_a_writer_pauses(tmp_path):
    """A copy that stands still in the middle of a line, for longer than the engine needs to read the first half."""
    site = Site(tmp_path, FOLDER.format(root=tmp_path), batch=100)
    (tmp_path / "drop").mkdir()
    whole = lines(40)
    written = tmp_path / "drop" / NAME

    def write_the_rest() -> bool:
        aside = [each for below in ("processed", "refused") for each in (tmp_path / "drop" / below).glob("*.jsonl")]
        if aside and aside[0].stat().st_size < len(whole):
            append(aside[0], whole[aside[0].stat().st_size :])
        return site.count() == 40 and lies_in(site, "processed") == [NAME]

    written.write_bytes(whole[: len(whole) // 2])
    logged = run(site, write_the_rest)
    assert site.count() == 40
    assert site.count("dead_letters") == 1, "the half of a line, which is kept"
    late = [each for each in logged if each["event"] == "file.written_late"]
    assert len(late) == 1
    assert "Quillfeather" not in str(late)
