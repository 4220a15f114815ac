"""The writer's parts at their borders: tiles, proofs, notes, key and anchor files."""

import fcntl
import os
import time
from base64 import b64encode
from pathlib import Path
from threading import Thread

import pytest

from integration.audit.anchor import Anchor
from integration.audit.checkpoint import Checkpoint, parse, sign_checkpoint, verified
from integration.audit.entry import body
from integration.audit.keyfile import write_key
from integration.audit.merkle import (
    EMPTY_ROOT,
    Tile,
    TileError,
    Tree,
    fold,
    leaf_hash,
    node_hash,
    read_tile,
    split_hashes,
    stored_tiles,
)
from integration.audit.note import NoteError, SigningKey, check_name
from integration.audit.proofs import consistency_proof, inclusion_proof, root_at
from integration.audit.tiles import MAX_LEAF_BYTES, DirectoryTiles, export, tile_path, tlog_proof
from tests.audit.logs import KEY, ORIGIN, entry, log_of, reader_of, root_of

HASHES = [leaf_hash(number.to_bytes(2, "big")) for number in range(600)]
READ = reader_of(HASHES)
ROOT = bytes(32)


# -- tree and tiles ----------------------------------------------------------------------------------------------------


def grown(size: int) -> Tree:
    tree = Tree()
    for digest in HASHES[:size]:
        tree.append(digest)
    return tree


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 511, 512, 513, 600])
def test_a_tree_is_the_same_when_it_is_restored_from_what_was_stored(size):
    tree, back = grown(size), Tree.restore(size, reader_of(HASHES[:size]))
    assert (back.size, back.root(), back.edge_tiles()) == (size, tree.root(), tree.edge_tiles())
    back.append(HASHES[0])
    tree.append(HASHES[0])
    assert back.root() == tree.root()


def test_full_tiles_are_handed_over_once_when_they_are_finished():
    tree = grown(255)
    assert tree.take_tiles() == []
    tree.append(HASHES[255])
    assert tree.take_tiles() == [Tile(0, 0, b"".join(HASHES[:256]))]
    assert tree.take_tiles() == []
    assert tree.edge_tiles() == [Tile(1, 0, fold(HASHES[:256]))]
    for digest in HASHES[256:513]:
        tree.append(digest)
    assert tree.take_tiles() == [Tile(0, 1, b"".join(HASHES[256:512]))]
    assert tree.edge_tiles() == [
        Tile(0, 2, HASHES[512]),
        Tile(1, 0, fold(HASHES[:256]) + fold(HASHES[256:512])),
    ]


def test_a_copy_of_a_tree_stands_for_itself_when_the_other_grows():
    tree = grown(256)
    twin = tree.copy()
    tree.append(HASHES[0])
    assert (twin.size, twin.root()) == (256, root_of(HASHES[:256]))
    assert twin.take_tiles() == tree.take_tiles() != []
    twin.append(HASHES[1])
    assert tree.root() == root_of([*HASHES[:256], HASHES[0]])


def test_an_odd_last_subtree_is_carried_up_when_hashes_are_folded():
    a, b, c = HASHES[:3]
    assert fold([a]) == a
    assert fold([a, b]) == node_hash(a, b)
    assert fold([a, b, c]) == node_hash(node_hash(a, b), c)
    assert split_hashes(a + b) == [a, b]
    assert split_hashes(b"") == []


def test_a_tile_is_cut_to_size_when_the_store_gives_more():
    assert read_tile(lambda *_: b"".join(HASHES[:5]), 0, 0, 3) == b"".join(HASHES[:3])
    assert read_tile(lambda *_: b"".join(HASHES[:3]), 0, 0, 3) == b"".join(HASHES[:3])


@pytest.mark.parametrize("cut", [1, 32, 33])
def test_a_tile_is_refused_when_the_store_gives_less(cut):
    with pytest.raises(TileError, match=r"tile 2/7 has [12] hashes where 3 are needed"):
        read_tile(lambda *_: b"".join(HASHES[:3])[:-cut], 2, 7, 3)


def test_upper_tiles_are_worked_out_when_a_store_keeps_full_ones_only():
    asked = []

    def leaves(first: int, count: int) -> bytes:
        asked.append((first, count))
        return b"".join(HASHES[first : first + count])

    full = {(0, 0): b"".join(HASHES[:256])}
    read = stored_tiles(lambda level, index: full.get((level, index)), leaves)
    assert read(0, 0, 5) == full[0, 0]
    assert read(0, 1, 5) == b"".join(HASHES[256:261])
    assert read(1, 0, 2) == fold(HASHES[:256]) + fold(HASHES[256:512])
    assert asked == [(256, 5), (256, 256)]


@pytest.mark.parametrize(("index", "size"), [(-1, 5), (5, 5), (6, 5), (0, 0)])
def test_no_inclusion_is_proved_when_there_is_no_such_leaf(index, size):
    with pytest.raises(ValueError, match=f"a tree of {size} leaves has no leaf {index}"):
        inclusion_proof(index, size, READ)


@pytest.mark.parametrize(("old", "new"), [(0, 5), (-1, 5), (6, 5)])
def test_no_consistency_is_proved_when_there_is_nothing_to_prove(old, new):
    with pytest.raises(ValueError, match=f"no consistency proof leads from {old} to {new} leaves"):
        consistency_proof(old, new, READ)


def test_proofs_are_the_shortest_there_are():
    assert inclusion_proof(0, 1, READ) == []
    assert inclusion_proof(1, 2, READ) == [HASHES[0]]
    assert inclusion_proof(2, 3, READ) == [node_hash(HASHES[0], HASHES[1])]
    # The leaf's sibling comes first, whichever side it is on.
    assert inclusion_proof(0, 3, READ) == [HASHES[1], HASHES[2]]
    assert inclusion_proof(1, 4, READ) == [HASHES[0], node_hash(HASHES[2], HASHES[3])]
    assert inclusion_proof(2, 4, READ) == [HASHES[3], node_hash(HASHES[0], HASHES[1])]
    assert consistency_proof(5, 5, READ) == []
    assert consistency_proof(1, 2, READ) == [HASHES[1]]
    assert consistency_proof(2, 3, READ) == [HASHES[2]]
    assert consistency_proof(3, 4, READ) == [HASHES[2], HASHES[3], node_hash(HASHES[0], HASHES[1])]


def test_a_tile_is_read_once_when_a_proof_is_made():
    asked = []

    def read(level: int, index: int, width: int, /) -> bytes:
        asked.append((level, index))
        return READ(level, index, width)

    for make in (
        lambda: inclusion_proof(77, 600, read),
        lambda: consistency_proof(300, 600, read),
        lambda: root_at(600, read),
    ):
        asked.clear()
        make()
        assert len(asked) == len(set(asked)) > 0


def test_an_old_root_is_worked_out_when_the_tree_has_grown():
    for size in (0, 1, 2, 3, 255, 256, 257, 512, 513, 600):
        assert root_at(size, READ) == (root_of(HASHES[:size]) if size else EMPTY_ROOT)
    with pytest.raises(TileError):
        root_at(601, READ)


# -- entries -----------------------------------------------------------------------------------------------------------


def nested(levels: int) -> dict:
    """A detail of so many levels, itself counted."""
    value: list = []
    for _ in range(levels - 2):
        value = [value]
    return {"a": value}


def test_a_detail_nests_sixteen_levels_and_no_more():
    assert body(entry(0, detail=nested(16)))
    with pytest.raises(ValueError, match="nests deeper than 16"):
        body(entry(0, detail=nested(17)))


@pytest.mark.parametrize(
    ("detail", "because"),
    [
        ({"a": 1, "b": 0.5}, "behind a number"),
        ({"a": [1, "x", None, 0.5]}, "behind others in a list"),
        ({"a": [[], 0.5]}, "behind a list"),
        ({"a": {"b": 1}, "c": {"d": 0.5}}, "in a second dict"),
        ({"a": (0.5,)}, "in a tuple"),
    ],
)
def test_a_float_is_refused_wherever_it_stands(detail, because):
    with pytest.raises(ValueError, match="holds no float"):
        body(entry(0, detail=detail))


@pytest.mark.parametrize("detail", [{"a": 1, "\u00e9": 2}, {"a": [1, {"\u00e9": 2}]}, {"a": {"b": {"\u00e9": {}}}}])
def test_a_key_is_refused_when_two_programs_would_sort_it_differently(detail):
    with pytest.raises(ValueError, match="not ASCII"):
        body(entry(0, detail=detail))


def test_a_tuple_is_written_as_a_list_is():
    assert body(entry(0, detail={"a": (1, (2, 3))})) == body(entry(0, detail={"a": [1, [2, 3]]}))


# -- checkpoints and notes ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("origin", "size", "root", "words"),
    [
        (ORIGIN, -1, ROOT, "size of at least 0"),
        (ORIGIN, 0, ROOT[:31], "root of 32 bytes"),
        (ORIGIN, 0, ROOT + b"x", "root of 32 bytes"),
        ("other", 0, ROOT, "does not sign for other"),
        ("a b", 0, ROOT, "cannot name a key"),
    ],
)
def test_nothing_is_signed_when_a_checkpoint_makes_no_sense(origin, size, root, words):
    with pytest.raises(ValueError, match=words):
        sign_checkpoint(origin, size, root, KEY)


def test_a_checkpoint_of_nothing_is_signed_when_a_log_begins():
    assert verified(sign_checkpoint(ORIGIN, 0, EMPTY_ROOT, KEY), KEY.vkey) == Checkpoint(ORIGIN, 0, EMPTY_ROOT)


@pytest.mark.parametrize(
    "text",
    [
        f"{ORIGIN}\n5\n",
        f"{ORIGIN}\n05\n{b64encode(ROOT).decode()}\n",
        f"{ORIGIN}\n-5\n{b64encode(ROOT).decode()}\n",
        f"{ORIGIN}\n{'1' * 20}\n{b64encode(ROOT).decode()}\n",
        f"{ORIGIN}\n5\n{b64encode(ROOT).decode()[:-2]}B=\n",
        f"{ORIGIN}\n5\n{b64encode(ROOT[:31]).decode()}\n",
        f"{ORIGIN}\n5\n{b64encode(ROOT).decode()}\nmore\n",
        f"\n5\n{b64encode(ROOT).decode()}\n",
    ],
)
def test_a_checkpoint_is_refused_when_its_three_lines_are_written_otherwise(text):
    note = KEY.sign(text)
    for read in (parse, lambda signed: verified(signed, KEY.vkey)):
        with pytest.raises(NoteError):
            read(note)


@pytest.mark.parametrize("size", [0, 9, 10, 9_999_999_999_999_999_999])
def test_a_checkpoint_is_read_when_its_size_is_a_plain_decimal(size):
    assert parse(sign_checkpoint(ORIGIN, size, ROOT, KEY)).size == size


def test_a_checkpoint_of_another_log_is_refused_when_the_key_signed_it():
    note = KEY.sign(f"other\n5\n{b64encode(ROOT).decode()}\n")
    assert parse(note).origin == "other"
    with pytest.raises(NoteError, match="speaks for other"):
        verified(note, KEY.vkey)


@pytest.mark.parametrize("name", ["", "a b", "a\u00a0b", "a+b", "a\tb", "a\n", "\x7f", "\u200b"])
def test_a_name_is_refused_when_a_note_could_not_hold_it(name):
    with pytest.raises(NoteError, match="cannot name a key"):
        check_name(name)
    with pytest.raises(NoteError, match="cannot name a key"):
        SigningKey.generate(name)


@pytest.mark.parametrize("name", ["a", "log.example/2026", "\u00f1and\u00fa", "a-b_c"])
def test_a_name_is_let_in_when_it_is_one_word(name):
    assert check_name(name) == name
    assert SigningKey.generate(name).vkey.startswith(f"{name}+")


# -- exported files ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("index", "path"),
    [(0, "000"), (999, "999"), (1000, "x001/000"), (999_999, "x999/999"), (1_000_000, "x001/x000/000")],
)
def test_a_path_has_groups_of_three_digits(index, path):
    assert tile_path(0, index) == f"tile/0/{path}"
    assert tile_path("entries", index, 255) == f"tile/entries/{path}.p/255"


def test_the_narrowest_partial_tile_is_read_when_there_are_several(tmp_path):
    read = DirectoryTiles(tmp_path)
    with pytest.raises(TileError, match=r"tile 0/0 of width 3 is not in"):
        read(0, 0, 3)
    folder = tmp_path / "tile/0/000.p"
    folder.mkdir(parents=True)
    for width in (2, 10, 5):
        (folder / str(width)).write_bytes(b"".join(HASHES[:width]))
    assert [len(read(0, 0, width)) // 32 for width in (1, 2, 3, 5, 6, 10)] == [2, 2, 5, 5, 10, 10]
    with pytest.raises(TileError, match="width 11"):
        read(0, 0, 11)
    (tmp_path / "tile/0/000").write_bytes(b"".join(HASHES[:256]))
    assert len(read(0, 0, 3)) == 256 * 32


def test_a_leaf_is_exported_when_its_length_just_fits(tmp_path):
    leaves = [b"x" * MAX_LEAF_BYTES]
    note = sign_checkpoint(ORIGIN, 1, leaf_hash(leaves[0]), KEY)
    export(tmp_path, leaves, note)
    assert (tmp_path / "tile/entries/000.p/1").read_bytes() == b"\xff\xff" + leaves[0]
    assert (tmp_path / "checkpoint").read_bytes() == note
    with pytest.raises(ValueError, match="leaf 0 has 65536 bytes, more than 65535"):
        export(tmp_path, [b"x" * (MAX_LEAF_BYTES + 1)], note)


def test_no_checkpoint_is_exported_when_the_leaves_are_not_its_own(tmp_path):
    log = log_of(3)
    with pytest.raises(ValueError, match="covers 3 entries, 2 are here"):
        export(tmp_path, log.leaves[:2], log.checkpoint)
    with pytest.raises(ValueError, match="their root differs"):
        export(tmp_path, log.leaves[::-1], log.checkpoint)
    assert not (tmp_path / "checkpoint").exists()
    rest = iter([*log.leaves, b"more"])
    export(tmp_path, rest, log.checkpoint)
    assert list(rest) == [b"more"]


def test_a_proof_file_is_written_line_by_line():
    assert tlog_proof(7, [bytes(32)], b"note") == (
        b"c2sp.org/tlog-proof@v1\nindex 7\n" + b64encode(bytes(32)) + b"\n\nnote"
    )
    assert tlog_proof(0, [], b"note", extra=b"") == b"c2sp.org/tlog-proof@v1\nextra \nindex 0\n\nnote"


# -- key and anchor files ----------------------------------------------------------------------------------------------


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_key_is_whole_and_private_when_an_earlier_attempt_left_half_of_one(tmp_path):
    path = tmp_path / "log.key"
    half = tmp_path / "log.key.new"
    half.write_bytes(b"a very long left-over of an attempt that was cut off")
    half.chmod(0o600)
    write_key(path, b"key")
    assert path.read_bytes() == b"key"
    assert path.stat().st_mode & 0o777 == 0o600
    assert names(tmp_path) == ["log.key"]


def test_a_key_is_never_overwritten(tmp_path):
    path = tmp_path / "log.key"
    write_key(path, b"first")
    with pytest.raises(FileExistsError, match="a key is never overwritten"):
        write_key(path, b"second")
    assert (path.read_bytes(), names(tmp_path)) == (b"first", ["log.key"])


def waits_for_a_lock() -> bool:
    waiting = [line for line in Path("/proc/locks").read_text().splitlines() if "->" in line]
    return any(f" {os.getpid()} " in line for line in waiting)


def test_a_second_process_waits_when_the_first_is_making_a_key(tmp_path):
    # because two that start at once must not each believe in a key of its own
    path, folder = tmp_path / "log.key", os.open(tmp_path, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        second = Thread(target=write_key, args=(path, b"key"))
        second.start()
        bound = time.monotonic() + 30
        while second.is_alive() and not waits_for_a_lock() and time.monotonic() < bound:
            second.join(0.01)
        assert waits_for_a_lock()
        assert not path.exists()
    finally:
        os.close(folder)
    second.join(30)
    assert path.read_bytes() == b"key"


def test_an_anchor_is_moved_when_an_earlier_attempt_left_half_of_one(tmp_path):
    anchor = Anchor(tmp_path / "anchor", KEY.vkey)
    (tmp_path / "anchor.new").write_bytes(b"a very long left-over of an attempt that was cut off" * 10)
    note = sign_checkpoint(ORIGIN, 0, EMPTY_ROOT, KEY)
    anchor.create(note)
    assert anchor.read() == note
    assert names(tmp_path) == ["anchor", "anchor.lock"]


def test_an_anchor_is_not_even_read_when_another_key_signed_it(tmp_path):
    anchor = Anchor(tmp_path / "anchor", KEY.vkey)
    anchor.path.write_bytes(sign_checkpoint(ORIGIN, 0, EMPTY_ROOT, SigningKey.generate(ORIGIN)))
    with pytest.raises(NoteError, match="no signature by"):
        anchor.read()


def test_no_file_stays_open_when_keys_and_anchors_are_written(tmp_path):
    # because a service that signs every minute would run out of descriptors within a day
    def is_open() -> set[str]:
        return {path.name for path in Path("/proc/self/fd").iterdir()}

    anchor = Anchor(tmp_path / "anchor", KEY.vkey)
    before = is_open()
    anchor.create(sign_checkpoint(ORIGIN, 0, EMPTY_ROOT, KEY))
    for size in (1, 2, 3):
        anchor.advance(anchor.read(), sign_checkpoint(ORIGIN, size, root_of(HASHES[:size]), KEY), READ)
        write_key(tmp_path / f"{size}.key", b"key")
    assert is_open() == before
