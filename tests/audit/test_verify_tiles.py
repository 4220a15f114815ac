"""An exported directory, level by level: what the verifier derives again, and the place it gives to each fault."""

from pathlib import Path

import pytest

from integration.audit.checkpoint import sign_checkpoint
from integration.audit.tiles import export
from integration.audit.verify import Head, Problem, Report, What, verify_tiles
from integration.audit.verify import tiles as verifier
from integration.audit.verify.tiles import stored_leaf_hashes
from tests.audit.logs import KEY, ORIGIN, log_of, root_of

WIDTH = 4
"""Tiles of 256 reach the third level after 65,536 entries; with four the laws are the same and the logs small."""
LOG = log_of(WIDTH**3 + WIDTH**2 + WIDTH + 1)
SIZE = len(LOG.leaves)


def chunks(values: list[bytes]) -> list[list[bytes]]:
    return [values[at : at + WIDTH] for at in range(0, len(values), WIDTH)]


def laid(directory: Path, level: str, tiles: list[list[bytes]]) -> None:
    for number, tile in enumerate(tiles):
        path = directory / "tile" / level / f"{number:03d}"
        path = path if len(tile) == WIDTH else Path(f"{path}.p") / str(len(tile))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"".join(tile))


@pytest.fixture
def narrow(tmp_path, monkeypatch) -> Path:
    """The log exported in tiles of four, by the specification and not by the writer."""
    monkeypatch.setattr(verifier, "_WIDTH", WIDTH)
    (tmp_path / "checkpoint").write_bytes(LOG.checkpoint)
    laid(tmp_path, "entries", [[len(x).to_bytes(2, "big") + x for x in each] for each in chunks(LOG.leaves)])
    level, hashes = 0, LOG.hashes
    while hashes:
        laid(tmp_path, str(level), chunks(hashes))
        hashes = [root_of(each) for each in chunks(hashes) if len(each) == WIDTH]
        level += 1
    return tmp_path


def places(report: Report) -> list[tuple[What, int | None, int | None]]:
    return [(each.what, each.index, each.until) for each in report.problems]


def test_every_level_is_read_when_a_log_is_long(narrow):
    assert sorted(path.name for path in (narrow / "tile").iterdir()) == ["0", "1", "2", "3", "entries"]
    report = verify_tiles(narrow, KEY.vkey)
    assert report == Report(SIZE, root_of(LOG.hashes), Head(ORIGIN, SIZE, root_of(LOG.hashes)), ())


@pytest.mark.parametrize(
    ("tile", "offset", "first", "span"),
    [
        ("0/000", 0, 0, 1),
        ("0/007", 3, 31, 1),
        ("0/021.p/1", 0, 84, 1),
        ("1/000", 1, 4, 4),
        ("1/005.p/1", 0, 80, 4),
        ("2/000", 3, 48, 16),
        ("2/001.p/1", 0, 64, 16),
        ("3/000.p/1", 0, 0, 64),
    ],
)
def test_a_fault_is_given_the_entries_below_it_when_a_tile_is_spoiled(narrow, tile, offset, first, span):
    path = narrow / "tile" / tile
    whole = path.read_bytes()
    spoiled = bytearray(whole)
    spoiled[32 * offset + 31] ^= 1
    path.write_bytes(spoiled)
    assert places(verify_tiles(narrow, KEY.vkey)) == [(What.TILE, first, first + span)]
    width = len(whole) // 32
    start = first - offset * span
    path.write_bytes(whole + bytes(32 * (2 * WIDTH - width)))
    assert places(verify_tiles(narrow, KEY.vkey)) == [(What.TILE, start, start + span)], "its length is none there is"
    path.unlink()
    assert places(verify_tiles(narrow, KEY.vkey)) == [(What.MISSING_FILE, start, start + width * span)]


def test_the_whole_size_is_told_and_nothing_above_when_a_bundle_is_gone(narrow):
    (narrow / "tile/entries/002").unlink()
    report = verify_tiles(narrow, KEY.vkey)
    assert (report.entries, report.root, report.head) == (SIZE - 4, None, Head(ORIGIN, SIZE, root_of(LOG.hashes)))
    assert report.problems == (
        Problem(What.SIZE, None, None, f"the checkpoint covers {SIZE} entries, {SIZE - 4} can be read"),
        Problem(What.MISSING_FILE, 8, 12, "entry bundle 2 cannot be read"),
    )


def test_a_bundle_is_told_once_when_its_tile_is_gone_too(narrow):
    (narrow / "tile/entries/002").unlink()
    once = verify_tiles(narrow, KEY.vkey)
    (narrow / "tile/0/002").unlink()
    assert verify_tiles(narrow, KEY.vkey) == once


def bundle_of(*leaves: bytes) -> bytes:
    return b"".join(len(each).to_bytes(2, "big") + each for each in leaves)


FOUR = LOG.leaves[8:12]


@pytest.mark.parametrize(
    ("data", "place", "read", "because"),
    [
        (bundle_of(*FOUR[:3]), (11, 12), 3, "the last is gone"),
        (bundle_of(*FOUR[:1]), (9, 12), 1, "only the first is there"),
        (b"", (8, 12), 0, "nothing is"),
        (bundle_of(*FOUR)[:-1], (11, 12), 3, "the last is cut off"),
        (bundle_of(*FOUR[:3]) + b"\0", (11, 12), 3, "half a length"),
        (bundle_of(*FOUR, FOUR[0]), (11, 12), 4, "one too many"),
        (bundle_of(*FOUR) + b"\0", (11, 12), 4, "a byte too many"),
    ],
)
def test_a_bundle_is_told_from_where_it_ends_when_it_does_not_hold_its_entries(narrow, data, place, read, because):
    (narrow / "tile/entries/002").write_bytes(data)
    report = verify_tiles(narrow, KEY.vkey)
    malformed = [each for each in report.problems if each.what is What.MALFORMED_ROW]
    assert [(each.index, each.until) for each in malformed] == [place], because
    assert report.entries == SIZE - 4 + read


def test_a_leaf_is_told_by_its_index_when_it_is_none_of_this_log(narrow):
    (narrow / "tile/entries/002").write_bytes(bundle_of(*FOUR[:2], b"{}", FOUR[3]))
    malformed = [each for each in verify_tiles(narrow, KEY.vkey).problems if each.what is What.MALFORMED_LEAF]
    assert [(each.index, each.until) for each in malformed] == [(10, 11)]


def test_an_empty_leaf_is_a_leaf_and_none_of_this_log(narrow):
    (narrow / "tile/entries/002").write_bytes(bundle_of(*FOUR[:3], b""))
    report = verify_tiles(narrow, KEY.vkey)
    assert report.entries == SIZE
    assert (What.MALFORMED_LEAF, 11, 12) in places(report)
    assert What.MALFORMED_ROW not in {each.what for each in report.problems}


def test_the_root_is_told_of_all_the_checkpoint_covers_when_it_differs(narrow):
    (narrow / "checkpoint").write_bytes(sign_checkpoint(ORIGIN, SIZE, bytes(32), KEY))
    report = verify_tiles(narrow, KEY.vkey)
    assert report.problems == (Problem(What.ROOT, 0, SIZE, "the root is not the checkpoint's"),)
    assert report.root == root_of(LOG.hashes)


def test_nothing_is_read_when_there_is_no_checkpoint_or_none_of_the_log(narrow):
    (narrow / "checkpoint").write_bytes(b"x")
    [problem] = verify_tiles(narrow, KEY.vkey).problems
    assert (problem.what, problem.index, problem.text) == (
        What.CHECKPOINT,
        None,
        "checkpoint: the checkpoint is not a signed note",
    )
    assert verify_tiles(narrow, KEY.vkey) == Report(0, None, None, (problem,))
    (narrow / "checkpoint").unlink()
    gone = Problem(What.MISSING_FILE, None, None, "checkpoint cannot be read")
    assert verify_tiles(narrow, KEY.vkey) == Report(0, None, None, (gone,))


@pytest.mark.parametrize(
    ("number", "width", "path"),
    [
        (0, 256, "000"),
        (999, 256, "999"),
        (1000, 256, "x001/000"),
        (1_234_067, 255, "x001/x234/067.p/255"),
        (7, 1, "007.p/1"),
    ],
)
def test_a_tile_is_looked_for_where_the_specification_puts_it(tmp_path, number, width, path):
    assert verifier._file(tmp_path, "2", number, width) == tmp_path / "tile/2" / path


@pytest.mark.parametrize(
    ("number", "count", "because"),
    [(0, 256, "a full one"), (1, 44, "the one at the edge"), (2, None, "beyond the log"), (3, None, "far beyond")],
)
def test_stored_hashes_are_those_of_the_tile_when_it_is_there(tmp_path, number, count, because):
    log = log_of(300)
    export(tmp_path, log.leaves, log.checkpoint)
    expected = None if count is None else b"".join(log.hashes[256 * number : 256 * number + count])
    assert stored_leaf_hashes(tmp_path, 300)(number) == expected, because


def test_no_stored_hashes_are_given_beyond_the_checkpoint_when_the_log_has_grown(tmp_path):
    log = log_of(513)
    export(tmp_path, log.leaves, log.checkpoint)
    for size in (255, 256):
        assert stored_leaf_hashes(tmp_path, size)(1) is None, size
    assert stored_leaf_hashes(tmp_path, 513)(2) == log.hashes[512]


def test_no_stored_hashes_are_given_when_the_tile_is_gone(tmp_path):
    assert stored_leaf_hashes(tmp_path, 300)(0) is None
    log = log_of(256)
    export(tmp_path, log.leaves, log.checkpoint)
    assert stored_leaf_hashes(tmp_path, 256)(1) is None
