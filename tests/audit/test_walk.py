"""A whole log against its checkpoints: between which entries a fault lies, whose signature counts, what is noted."""

import pytest

from integration.audit.entry import jsonl_row
from integration.audit.note import SigningKey
from integration.audit.verify import Head, Problem, Report, What, check, verify_directory, verify_rows
from integration.audit.verify.log import MAX_LINE_BYTES, Walk
from tests.audit.logs import KEY, ORIGIN, entry, log_of, make_log, root_of

SIZE = 50
LOG = log_of(SIZE)
OTHER = make_log([entry(number if number != 25 else 999) for number in range(SIZE)])
"""Entry 25 is another one."""
LINES = LOG.lines()


def head(size: int, log=LOG) -> Head:
    return Head(ORIGIN, size, root_of(log.hashes[:size]))


def places(report: Report) -> list[tuple[What, int | None, int | None]]:
    return [(each.what, each.index, each.until) for each in report.problems]


# -- where a fault lies ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kept", "first", "until", "because"),
    [
        ([], 0, 50, "nobody kept an earlier one"),
        ([10], 10, 50, "the first ten are right"),
        ([20, 10], 20, 50, "of several the largest counts, in any order"),
        ([40], 0, 40, "forty are wrong already"),
        ([45, 30, 40], 0, 30, "of several the smallest counts"),
        ([10, 40, 20, 30], 20, 30, "between the last right one and the first wrong one"),
        ([25], 25, 50, "the first 25 do not hold entry 25"),
        ([26], 0, 26, "the first 26 do"),
        ([0], 0, 50, "the empty log says nothing"),
    ],
)
def test_a_fault_lies_between_the_last_right_checkpoint_and_the_first_wrong_one(kept, first, until, because):
    report = OTHER.verify(OTHER.lines(), checkpoint=LOG.checkpoint, earlier=[LOG.head(each) for each in kept])
    [root] = [each for each in report.problems if each.what is What.ROOT]
    assert root == Problem(What.ROOT, first, until, "the root is not the checkpoint's"), because
    assert report.root == root_of(OTHER.hashes)
    history = {each.until for each in report.problems if each.what is What.HISTORY}
    assert history == {each for each in kept if each > 25}


@pytest.mark.parametrize(
    ("kept", "expected", "because"),
    [
        ([10, 25], [], "what they cover is there"),
        ([50], [(0, 50)], "as long as the log"),
        ([10, 50], [(10, 50)], "after the right one"),
        ([40, 30, 20], [(20, 30), (20, 40)], "each by itself"),
    ],
)
def test_a_second_history_is_told_for_each_checkpoint_that_somebody_kept(kept, expected, because):
    report = OTHER.verify(OTHER.lines(), earlier=[LOG.head(each) for each in kept])
    assert report.problems == tuple(
        Problem(What.HISTORY, first, size, f"the first {size} entries are not those of an earlier checkpoint")
        for first, size in expected
    ), because


@pytest.mark.parametrize(
    ("kept", "expected", "because"),
    [
        (
            [OTHER.head(30), LOG.head(40), LOG.head(10)],
            (10, 30),
            "a right one behind it says nothing of what is before",
        ),
        ([OTHER.head(30), LOG.head(30), LOG.head(10)], (10, 30), "nor does a right one of the same length"),
    ],
)
def test_a_checkpoint_of_another_history_is_placed_by_the_right_ones_before_it(kept, expected, because):
    assert places(LOG.verify(LINES, earlier=kept)) == [(What.HISTORY, *expected)], because


STRANGE = make_log([entry(number if number != 5 else 998) for number in range(SIZE)])
"""Entry 5 is another one."""


@pytest.mark.parametrize(
    ("kept", "size", "expected", "because"),
    [
        ([STRANGE.head(10), OTHER.head(20)], 50, (20, 50), "a wrong one before the last right one"),
        ([LOG.head(50)], 40, (0, 40), "a wrong one behind the checkpoint"),
    ],
)
def test_a_fault_ends_where_the_checkpoint_does_when_no_wrong_one_narrows_it(kept, size, expected, because):
    report = OTHER.verify(OTHER.lines(), checkpoint=LOG.head(size), earlier=kept)
    assert [(each.index, each.until) for each in report.problems if each.what is What.ROOT] == [expected], because


def test_a_log_is_told_by_its_length_when_it_is_shorter_than_what_was_signed():
    report = LOG.verify(LINES[:40], earlier=[LOG.head(45), LOG.head(40), LOG.head(30)])
    assert report == Report(
        40,
        None,
        head(50),
        (
            Problem(What.HISTORY, 40, 45, "an earlier checkpoint covers 45 entries, 40 are here"),
            Problem(What.SIZE, 40, 50, "the checkpoint covers 50 entries, 40 are here"),
        ),
    )


@pytest.mark.parametrize("size", [0, 1, 49, 50])
def test_a_log_is_right_as_far_as_its_checkpoint_goes(size):
    notes = () if size == SIZE else (f"unanchored tail: {SIZE - size} entries",)
    earlier = [LOG.head(each) for each in (0, size)]
    assert LOG.verify(LINES, checkpoint=LOG.head(size), earlier=earlier) == Report(
        SIZE, head(size).root, head(size), (), 0, notes
    )


def test_a_row_that_cannot_be_read_counts_as_one():
    # because all behind it would seem to be misplaced
    report = LOG.verify([*LINES[:7], b"nonsense\n", *LINES[8:]])
    assert (report.entries, places(report)) == (SIZE, [(What.ROOT, 0, SIZE), (What.MALFORMED_ROW, 7, 8)])


# -- whose signature counts --------------------------------------------------------------------------------------------

OLD, STRANGER = SigningKey.generate(ORIGIN), SigningKey.generate(ORIGIN)


def by(key: SigningKey, size: int) -> bytes:
    note = LOG.head(size)
    return key.sign(note.rpartition(b"\n\n")[0].decode() + "\n")


def test_no_log_is_right_when_there_is_no_checkpoint():
    assert verify_rows(LINES, None, KEY.vkey, earlier=[LOG.head(20)]) == Report(
        SIZE, None, None, (Problem(What.CHECKPOINT, None, None, "checkpoint: there is none"),)
    )


def test_an_earlier_key_counts_for_earlier_checkpoints_and_for_no_other():
    # because an old key that was stolen must not sign a new log
    assert LOG.verify(LINES, earlier=[by(OLD, 20)], others=[STRANGER.vkey, OLD.vkey]).ok
    report = LOG.verify(LINES, checkpoint=by(OLD, 50), others=[OLD.vkey])
    assert (report.head, report.root, places(report)) == (None, None, [(What.CHECKPOINT, None, None)])
    shorter = LOG.verify(LINES[:10], checkpoint=LOG.head(10), earlier=[by(OLD, 20)], others=[OLD.vkey])
    assert places(shorter) == [(What.HISTORY, 10, 20)]


def test_a_checkpoint_is_named_by_its_place_when_it_cannot_be_used():
    said = "has no signature by the log's key"
    report = LOG.verify(LINES, checkpoint=by(STRANGER, 50), earlier=[LOG.head(5), by(STRANGER, 20), b"x"])
    assert [each.text for each in report.problems] == [
        f"checkpoint: the checkpoint {said}",
        f"earlier checkpoint 1: the checkpoint {said}",
        "earlier checkpoint 2: the checkpoint is not a signed note",
    ]
    # What the log's own key says of it stands there, not what an older one does.
    [problem] = LOG.verify(LINES, earlier=[by(STRANGER, 5)], others=["no key"]).problems
    assert problem.text == f"earlier checkpoint 0: the checkpoint {said}"


# -- sealing -----------------------------------------------------------------------------------------------------------

SEALING = make_log([*map(entry, range(3)), entry(3, kind="entry.sealed", detail={"leaf_index": 1}), entry(4)])
SEALED = [*SEALING.lines()]
SEALED[1] = jsonl_row(1, SEALING.leaves[1], None, None)


@pytest.mark.parametrize(("size", "covered"), [(5, True), (4, True), (3, False), (0, False)])
def test_a_sealing_is_noted_when_no_checkpoint_covers_it_yet(size, covered):
    note = "entry 1 is sealed by entry 3, which no checkpoint covers yet"
    report = SEALING.verify(SEALED, checkpoint=SEALING.head(size))
    assert report.ok
    assert (note not in report.notes) is covered
    tail = (f"unanchored tail: {5 - size} entries",) if size < 5 else ()
    assert report.notes == (() if covered else (note,)) + tail


def test_a_sealing_is_no_fault_of_a_log_without_a_checkpoint():
    report = verify_rows(SEALED, None, KEY.vkey)
    assert (places(report), report.notes) == ([(What.CHECKPOINT, None, None)], ())


def test_a_body_that_is_gone_is_told_when_no_entry_seals_it():
    lines = [*SEALING.lines()]
    lines[2] = jsonl_row(2, SEALING.leaves[2], None, None)
    assert places(SEALING.verify(lines)) == [(What.SEALED_STILL_READABLE, 1, 2), (What.SEALED_WITHOUT_ENTRY, 2, 3)]


# -- the hashes a store keeps ------------------------------------------------------------------------------------------


def test_a_changed_leaf_is_found_by_the_hash_that_the_store_keeps():
    log, asked = log_of(300), []
    other = make_log([entry(number if number not in (7, 256) else 999) for number in range(300)])

    def stored(number: int) -> bytes | None:
        asked.append(number)
        return b"".join(log.hashes[256 * number : 256 * number + 256])

    report = verify_rows(other.lines(), other.checkpoint, KEY.vkey, stored=stored)
    fault = "the leaf is not the one whose hash is stored in the tree"
    assert report.problems == tuple(Problem(What.TILE, at, at + 1, fault) for at in (7, 256))
    assert asked == [0, 1]
    assert verify_rows(log.lines(), log.checkpoint, KEY.vkey, stored=stored).ok


@pytest.mark.parametrize(
    ("tile", "expected", "because"),
    [
        (None, [], "the store has none"),
        (b"", [], "nor here"),
        (b"".join(LOG.hashes[:25]), [], "it ends before the changed leaf"),
        (b"".join(LOG.hashes[:26]), [(What.TILE, 25, 26)], "it ends with it"),
    ],
)
def test_leaves_are_compared_as_far_as_the_store_has_hashes(tile, expected, because):
    assert places(OTHER.verify(OTHER.lines(), stored=lambda _: tile)) == expected, because


def test_a_row_is_told_once_when_it_cannot_be_read_and_its_hash_is_known():
    rows = [*LINES[:7], b"nonsense\n", *LINES[8:]]
    report = LOG.verify(rows, stored=lambda _: b"".join(LOG.hashes))
    assert places(report) == [(What.ROOT, 0, SIZE), (What.MALFORMED_ROW, 7, 8)]
    changed = LINES[7].replace(b"done", b"gone")
    wrong = b"".join([*LOG.hashes[:7], bytes(32)])
    assert places(LOG.verify([*LINES[:7], changed, *LINES[8:]], stored=lambda _: wrong)) == [
        (What.COMMITMENT, 7, 8),
        (What.TILE, 7, 8),
    ]


def test_a_copy_of_a_walk_goes_its_own_way():
    walk = Walk(head(3), [head(2)])
    for line in LINES[:2]:
        walk.add(check(line))
    twin = walk.copy()
    for line in LINES[2:4]:
        walk.add(check(line))
    twin.add(check(jsonl_row(5, LOG.leaves[5], None, None)))
    assert walk.finish() == Report(4, head(3).root, head(3), (), 0, ("unanchored tail: 1 entries",))
    assert {each.what for each in twin.finish().problems} == {What.ROOT, What.MISSING, What.SEALED_WITHOUT_ENTRY}


def test_a_line_of_sixteen_megabytes_is_the_longest_that_is_read():
    # because a line is held whole, and a file of one endless line would fill memory
    assert MAX_LINE_BYTES == 16 * 2**20


# -- a directory -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("gone", "told", "because"),
    [
        (["vkey"], [], "the key came from another place"),
        (["checkpoint"], ["checkpoint cannot be read", "checkpoint: there is none"], "nothing was signed"),
        (["audit.jsonl"], ["audit.jsonl cannot be read"], "there is no log"),
        (
            ["audit.jsonl", "checkpoint"],
            ["checkpoint cannot be read", "audit.jsonl cannot be read"],
            "there is nothing",
        ),
    ],
)
def test_a_directory_is_told_by_what_is_missing(tmp_path, gone, told, because):
    LOG.write(tmp_path)
    for name in gone:
        (tmp_path / name).unlink()
    report = verify_directory(tmp_path, vkey=KEY.vkey)
    assert [each.text for each in report.problems] == told, because
    assert {each.index for each in report.problems} <= {None}
    assert (report.entries, report.notes) == (0 if "audit.jsonl" in gone else SIZE, ())


@pytest.mark.parametrize("vkey", [None, b"\xff", b""], ids=["gone", "no text", "empty"])
def test_a_directory_is_refused_when_it_has_no_key_and_none_came_from_another_place(tmp_path, vkey):
    LOG.write(tmp_path)
    (tmp_path / "vkey").unlink()
    if vkey is not None:
        (tmp_path / "vkey").write_bytes(vkey)
    report = verify_directory(tmp_path)
    assert What.CHECKPOINT in {each.what for each in report.problems}
    assert ("vkey cannot be read" in {each.text for each in report.problems}) is (vkey is None)
    assert report.notes == ("the key was taken from the log's own folder",)
    assert report.entries == SIZE


def test_a_directory_is_compared_with_everything_that_somebody_kept(tmp_path):
    OTHER.write(tmp_path)
    hashes = b"".join(LOG.hashes)
    report = verify_directory(
        tmp_path, vkey=KEY.vkey, earlier=[by(OLD, 50)], others=[OLD.vkey], stored=lambda _: hashes
    )
    assert places(report) == [(What.HISTORY, 0, 50), (What.TILE, 25, 26)]
