"""What somebody with the files but without the key can do to a log of 200 entries; all of it must be found."""

from random import Random

import pytest

from integration.audit.entry import body, content_salt, jsonl_row, leaf
from integration.audit.verify import Walk, What, check, read_checkpoint, verify_directory
from tests.audit.logs import KEY, entry, found, log_of

SIZE = 200
LOG = log_of(SIZE)
LINES = LOG.lines()
HEAD = read_checkpoint(LOG.checkpoint, KEY.vkey)
CHECKED = [check(line) for line in LINES]


@pytest.fixture(scope="module")
def prefixes():
    """The verifier's state before each row, so that each case costs only what comes after the change."""
    walk = Walk(HEAD)
    states = []
    for row in CHECKED:
        states.append(walk.copy())
        walk.add(row)
    assert walk.finish().ok
    return states


def walked(prefix, rows):
    walk = prefix.copy()
    for row in rows:
        walk.add(row)
    return walk.finish()


def renumbered(first):
    """The rows from ``first`` on, each with every index it could be given instead."""
    return [check(line.replace(b'{"index":%d,' % i, b'{"index":%d,' % (i - 1))) for i, line in enumerate(LINES)][first:]


def test_every_deleted_run_is_found_and_located_when_log_is_otherwise_left(prefixes):
    count = 0
    for first in range(SIZE):
        for last in range(first, SIZE):
            count += 1
            report = walked(prefixes[first], CHECKED[last + 1 :])
            places = [(p.what, p.index, p.until) for p in report.problems]
            if last < SIZE - 1:
                assert (What.MISSING, first, last + 1) in places
            assert (What.SIZE, SIZE - (last - first + 1), SIZE) in places
    assert count == 20_100


def test_deleted_row_is_found_when_the_rest_is_renumbered_and_filled_up(prefixes):
    for gone in range(SIZE):
        filler = check(jsonl_row(SIZE - 1, LOG.leaves[gone], LOG.salts[gone], LOG.bodies[gone]))
        report = walked(prefixes[gone], [*renumbered(gone + 1), filler])
        assert found(report) == ({What.ROOT} if gone < SIZE - 1 else set())


def flipped_rows(number, position, mask):
    """The rows that a reader sees instead of row ``number`` once a byte of it is changed."""
    line = bytearray(LINES[number])
    line[position] ^= mask
    last = position == len(line) - 1
    if last and number + 1 < SIZE:
        line += LINES[number + 1]  # without its newline, it runs into the next one
    return bytes(line).splitlines(keepends=True) if b"\r" not in line else [bytes(line)], number + 1 + last


def test_every_flipped_byte_is_found_and_located_when_any_position_is_changed(prefixes):
    random = Random(11)
    positions = 0
    for number, line in enumerate(LINES):
        for position in range(len(line)):
            positions += 1
            parts, after = flipped_rows(number, position, random.randrange(1, 256))
            rows = [check(part) for part in parts]
            if rows[0].problems:
                walk = prefixes[number].copy()
                walk.add(rows[0])
                assert walk.problems.listed[0].index == number, (number, position)
            else:  # only the index was changed, and into another number: the order tells
                report = walked(prefixes[number], [*rows, *CHECKED[after:]])
                assert number in [p.index for p in report.problems if p.what is What.MISSING], (number, position)
    assert positions == sum(map(len, LINES))


@pytest.mark.parametrize("seed", range(150))
def test_random_damage_is_found_when_directory_is_read(tmp_path, seed):
    random = Random(seed)
    data = bytearray(b"".join(LINES))
    places = [random.randrange(len(data)) for _ in range(random.choice((1, 1, 2, 5)))]
    for place in places:
        data[place] ^= 1 << random.randrange(8)
    LOG.write(tmp_path, [bytes(data)])
    if bytes(data) == b"".join(LINES):
        return
    rows = {data.count(b"\n", 0, place) for place in places}
    report = verify_directory(tmp_path, vkey=KEY.vkey)
    assert not report.ok
    located = [p for p in report.problems if p.index is not None and p.what not in (What.ROOT, What.SIZE)]
    assert any(p.index <= row < p.until for p in located for row in rows)


def test_swapped_rows_are_found_and_located_when_order_is_changed(prefixes):
    for first in range(0, SIZE - 1, 3):
        for second in range(first + 1, SIZE, 7):
            rows = CHECKED.copy()
            rows[first], rows[second] = rows[second], rows[first]
            report = walked(prefixes[first], rows[first:])
            assert {What.OUT_OF_ORDER, What.ROOT} <= found(report)
            assert min(p.index for p in report.problems if p.what is What.OUT_OF_ORDER) in range(first, second + 1)


def test_swapped_contents_are_found_when_indexes_are_kept(prefixes):
    for first in range(0, SIZE - 1, 5):
        second = (first * 7 + 3) % SIZE
        if first == second:
            continue
        rows = CHECKED.copy()
        for here, there in ((first, second), (second, first)):
            rows[here] = check(jsonl_row(here, LOG.leaves[there], LOG.salts[there], LOG.bodies[there]))
        assert What.ROOT in found(walked(prefixes[min(first, second)], rows[min(first, second) :]))


def test_inserted_row_is_found_when_it_is_forged_or_repeated(prefixes):
    text = body(entry(5000))
    salt = content_salt(0, text)
    for place in range(SIZE):
        forged = check(jsonl_row(place, leaf(salt, text), salt, text))
        assert not forged.problems
        report = walked(prefixes[place], [forged, *CHECKED[place:]])
        assert (What.DUPLICATE, place) in [(p.what, p.index) for p in report.problems]
        assert What.ROOT in found(report)
        again = walked(prefixes[place], [CHECKED[place], *CHECKED[place:]])
        assert (What.DUPLICATE, place) in [(p.what, p.index) for p in again.problems]


def test_changed_entry_is_found_when_its_leaf_is_made_new(prefixes):
    text = body(entry(5000))
    for place in range(SIZE):
        salt = content_salt(place, text)
        forged = check(jsonl_row(place, leaf(salt, text), salt, text))
        report = walked(prefixes[place], [forged, *CHECKED[place + 1 :]])
        assert found(report) == {What.ROOT}


def test_changed_entry_is_located_when_leaf_hashes_are_stored():
    text = body(entry(5000))
    stored = b"".join(LOG.hashes)
    for place in range(0, SIZE, 9):
        salt = content_salt(place, text)
        lines = [*LINES[:place], jsonl_row(place, leaf(salt, text), salt, text), *LINES[place + 1 :]]
        report = LOG.verify(lines, stored=lambda number: stored if number == 0 else None)
        assert (What.TILE, place) in [(p.what, p.index) for p in report.problems]
        assert found(report) == {What.TILE, What.ROOT}


def test_old_state_is_found_when_put_back_with_its_own_checkpoint():
    for size in range(0, SIZE, 10):
        report = LOG.verify(LINES[:size], checkpoint=LOG.head(size), earlier=[LOG.checkpoint])
        assert [(p.what, p.index, p.until) for p in report.problems] == [(What.HISTORY, size, SIZE)]
        assert LOG.verify(LINES[:size]).problems
