import shutil
from random import Random

import pytest

from integration.audit.anchor import Anchor
from integration.audit.merkle import Tree
from integration.audit.proofs import consistency_proof, inclusion_proof, root_at
from integration.audit.tiles import DirectoryTiles, export, tile_path, tlog_proof
from integration.audit.verify import What, read_checkpoint, verify_consistency, verify_proof, verify_tiles
from tests.audit.logs import KEY, entry, found, log_of, make_log

LOG = log_of(70_000 // 50)


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    directory = tmp_path_factory.mktemp("export")
    export(directory, iter(LOG.leaves), LOG.checkpoint)
    return directory


@pytest.mark.parametrize(
    ("level", "index", "width", "path"),
    [
        (0, 0, 256, "tile/0/000"),
        (3, 1_234_067, 256, "tile/3/x001/x234/067"),
        ("entries", 273, 112, "tile/entries/273.p/112"),
        (1, 1000, 1, "tile/1/x001/000.p/1"),
    ],
)
def test_path_is_the_specified_one_when_index_is_long(level, index, width, path):
    assert tile_path(level, index, width) == path


@pytest.mark.parametrize(("index", "width"), [(-1, 256), (0, 0), (0, 257)])
def test_path_is_refused_when_there_is_no_such_tile(index, width):
    with pytest.raises(ValueError, match="no tile"):
        tile_path(0, index, width)


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 512, 1400])
def test_export_verifies_when_size_is_at_a_border(tmp_path, size):
    log = log_of(size)
    export(tmp_path, log.leaves, log.checkpoint)
    report = verify_tiles(tmp_path, KEY.vkey)
    assert report.ok
    assert report.entries == size
    # Every file written must be one the verifier reads, and only whole files are there.
    assert not list(tmp_path.rglob("*.new"))


def test_export_serves_proofs_and_restart_when_read_back(exported):
    read = DirectoryTiles(exported)
    assert root_at(1400, read) == LOG.tree.root()
    assert Tree.restore(1400, read).root() == LOG.tree.root()
    assert inclusion_proof(1234, 1400, read)


def test_export_still_verifies_when_partial_tiles_give_way_to_full_ones(tmp_path):
    small = log_of(300)
    export(tmp_path, small.leaves, small.checkpoint)
    export(tmp_path, LOG.leaves, LOG.checkpoint)
    assert verify_tiles(tmp_path, KEY.vkey).ok
    shutil.rmtree(tmp_path / "tile" / "0" / "001.p")
    # An old checkpoint can be verified with the full tiles alone.
    (tmp_path / "checkpoint").write_bytes(small.checkpoint)
    shutil.rmtree(tmp_path / "tile" / "entries" / "001.p")
    assert verify_tiles(tmp_path, KEY.vkey).ok


def test_export_is_refused_when_leaves_are_not_those_of_checkpoint(tmp_path):
    for leaves, words in (
        (LOG.leaves[:-1], "covers 1400 entries, 1399"),
        ([*LOG.leaves[1:], LOG.leaves[0]], "root differs"),
        ([b"x" * 65_536], "more than 65535"),
    ):
        with pytest.raises(ValueError, match=words):
            export(tmp_path, leaves, LOG.checkpoint)
    assert not (tmp_path / "checkpoint").exists()


def files(directory):
    return sorted(path for path in directory.rglob("*") if path.is_file())


def test_flipped_byte_is_found_when_it_is_in_any_exported_file(exported, tmp_path):
    random = Random(1)
    for number, path in enumerate(files(exported)):
        for attempt in range(3):
            copy = tmp_path / f"{number}-{attempt}"
            shutil.copytree(exported, copy)
            target = copy / path.relative_to(exported)
            data = bytearray(target.read_bytes())
            data[random.randrange(len(data))] ^= 1 << random.randrange(8)
            target.write_bytes(data)
            report = verify_tiles(copy, KEY.vkey)
            assert not report.ok, path
            if "entries" in target.parts or "0" in target.parts:
                assert any(p.index is not None and p.what is not What.ROOT for p in report.problems), path


def test_flipped_leaf_is_located_exactly_when_in_bundle(exported, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(exported, copy)
    bundle = copy / "tile/entries/002"
    data = bytearray(bundle.read_bytes())
    width = len(LOG.leaves[0]) + 2
    data[100 * width + 50] ^= 1
    bundle.write_bytes(data)
    problems = verify_tiles(copy, KEY.vkey).problems
    assert (What.TILE, 612) in [(p.what, p.index) for p in problems]
    assert {p.index for p in problems if p.what is not What.ROOT} >= {612}


def test_missing_or_cut_file_is_found_when_exported_file_is_gone(exported, tmp_path):
    for number, path in enumerate(files(exported)):
        for cut in (False, True):
            copy = tmp_path / f"{number}-{cut}"
            shutil.copytree(exported, copy)
            target = copy / path.relative_to(exported)
            if cut:
                target.write_bytes(target.read_bytes()[:-1])
            else:
                target.unlink()
            assert not verify_tiles(copy, KEY.vkey).ok, path


def test_byte_too_many_is_found_when_exported_file_is_longer(exported, tmp_path):
    for number, path in enumerate(files(exported)):
        copy = tmp_path / str(number)
        shutil.copytree(exported, copy)
        with (copy / path.relative_to(exported)).open("ab") as file:
            file.write(b"\0")
        assert not verify_tiles(copy, KEY.vkey).ok, path


def test_root_is_compared_when_tiles_agree_with_each_other(exported, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(exported, copy)
    (copy / "checkpoint").write_bytes(make_log([entry(number) for number in range(1, 1401)]).checkpoint)
    assert found(verify_tiles(copy, KEY.vkey)) == {What.ROOT}


def test_proof_file_verifies_when_made_from_tiles(exported):
    read = DirectoryTiles(exported)
    for index in (0, 255, 256, 700, 1399):
        path = inclusion_proof(index, 1400, read)
        for extra in (None, b"more"):
            proof = tlog_proof(index, path, LOG.checkpoint, extra=extra)
            report = verify_proof(proof, KEY.vkey, LOG.leaves[index], salt=LOG.salts[index], body=LOG.bodies[index])
            assert report.ok
        assert verify_proof(proof, KEY.vkey, LOG.leaves[index]).ok
        assert found(verify_proof(proof, KEY.vkey, LOG.leaves[index - 1])) == {What.PROOF}
        wrong = verify_proof(proof, KEY.vkey, LOG.leaves[index], salt=LOG.salts[index], body=LOG.bodies[index - 1])
        assert found(wrong) == {What.COMMITMENT}
    assert proof.startswith(b"c2sp.org/tlog-proof@v1\nextra bW9yZQ==\nindex 1399\n")


def test_every_flipped_byte_is_refused_when_proof_is_read(exported):
    proof = tlog_proof(700, inclusion_proof(700, 1400, DirectoryTiles(exported)), LOG.checkpoint)
    for position in range(len(proof)):
        flipped = bytearray(proof)
        flipped[position] ^= 1 << position % 7
        assert not verify_proof(bytes(flipped), KEY.vkey, LOG.leaves[700]).ok, position


def test_consistency_verifies_when_made_from_tiles(exported):
    new = read_checkpoint(LOG.checkpoint, KEY.vkey)
    for size in (1, 256, 700, 1400):
        old = read_checkpoint(LOG.head(size), KEY.vkey)
        proof = consistency_proof(size, 1400, DirectoryTiles(exported))
        assert verify_consistency(old, new, proof)
        assert not verify_consistency(old, new, [*proof, bytes(32)])


def test_anchor_checks_against_exported_tiles_when_asked(exported, tmp_path):
    anchor = Anchor(tmp_path / "anchor", KEY.vkey)
    anchor.create(LOG.head(700))
    anchor.check(1400, DirectoryTiles(exported))
