from functools import cache
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integration.audit.merkle import EMPTY_ROOT, TileError, Tree, fold, leaf_hash, node_hash
from integration.audit.proofs import consistency_proof, inclusion_proof, root_at
from integration.audit.verify.tree import Stack, consistency_holds, inclusion_holds
from tests.audit.logs import reader_of, root_of

# The reference vectors of Certificate Transparency (certificate-transparency/cpp/merkletree/merkle_tree_test.cc).
LEAVES = [
    bytes.fromhex(text)
    for text in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
N0 = "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
N1 = "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"
N23 = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"
N4567 = "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"
N4 = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"
N67 = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"
N45 = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"
INCLUSION = [
    (0, 1, []),
    (0, 8, [N1, N23, N4567]),
    (5, 8, [N4, N67, ROOTS[4]]),
    (2, 3, [ROOTS[2]]),
    (1, 5, [N0, N23, N4]),
]
CONSISTENCY = [(1, 1, []), (1, 8, [N1, N23, N4567]), (6, 8, [N45, N67, ROOTS[4]]), (2, 5, [N23, N4])]

MANY = [leaf_hash(number.to_bytes(4, "big")) for number in range(70_000)]


@cache
def naive(start: int, end: int) -> bytes:
    """RFC 6962 section 2.1 as it is written."""
    if end - start == 1:
        return MANY[start]
    k = 1
    while k * 2 < end - start:
        k *= 2
    return node_hash(naive(start, start + k), naive(start + k, end))


sizes = st.one_of(st.integers(1, 1500), st.sampled_from([255, 256, 257, 511, 512, 513, 65_535, 65_536, 65_537, 69_999]))


@pytest.mark.parametrize("size", range(9))
def test_published_root_is_reached_when_reference_leaves_are_appended(size):
    hashes = [leaf_hash(data) for data in LEAVES[:size]]
    assert root_of(hashes).hex() == ROOTS[size]
    stack = Stack()
    for digest in hashes:
        stack.push(digest)
    assert stack.root().hex() == ROOTS[size]


@pytest.mark.parametrize(("index", "size", "path"), INCLUSION)
def test_published_inclusion_path_is_made_and_accepted_when_asked_for(index, size, path):
    proof = inclusion_proof(index, size, reader_of([leaf_hash(data) for data in LEAVES]))
    assert [digest.hex() for digest in proof] == path
    assert inclusion_holds(index, size, leaf_hash(LEAVES[index]), proof, bytes.fromhex(ROOTS[size]))


@pytest.mark.parametrize(("old", "new", "path"), CONSISTENCY)
def test_published_consistency_path_is_made_and_accepted_when_asked_for(old, new, path):
    proof = consistency_proof(old, new, reader_of([leaf_hash(data) for data in LEAVES]))
    assert [digest.hex() for digest in proof] == path
    assert consistency_holds(old, new, bytes.fromhex(ROOTS[old]), bytes.fromhex(ROOTS[new]), proof)


def test_root_is_hash_of_nothing_when_tree_is_empty():
    assert Tree().root() == EMPTY_ROOT == sha256(b"").digest() == root_at(0, reader_of([]))
    assert Tree.restore(0, reader_of([])).size == 0


@settings(max_examples=60, deadline=None)
@given(sizes)
def test_root_equals_recursive_definition_when_size_is_any(size):
    assert root_of(MANY[:size]) == naive(0, size) == root_at(size, READ)


READ = reader_of(MANY)


@settings(max_examples=150, deadline=None)
@given(sizes, st.data())
def test_inclusion_proof_holds_and_changed_one_fails_when_index_is_any(size, data):
    index = data.draw(st.integers(0, size - 1))
    proof = inclusion_proof(index, size, READ)
    root = naive(0, size)
    assert inclusion_holds(index, size, MANY[index], proof, root)
    assert not inclusion_holds(index, size, MANY[index + 1], proof, root)
    assert not inclusion_holds((index + 1) % size, size, MANY[index], proof, root) or size == 1
    assert not inclusion_holds(index, size, MANY[index], [*proof, bytes(32)], root)
    if proof:
        changed = data.draw(st.integers(0, len(proof) - 1))
        assert not inclusion_holds(index, size, MANY[index], [*proof[:changed], bytes(32), *proof[changed + 1 :]], root)
        assert not inclusion_holds(index, size, MANY[index], proof[:-1], root)


@settings(max_examples=150, deadline=None)
@given(sizes, sizes, st.data())
def test_consistency_proof_holds_and_changed_one_fails_when_sizes_are_any(one, other, data):
    old, new = sorted((one, other))
    proof = consistency_proof(old, new, READ)
    a, b = naive(0, old), naive(0, new)
    assert consistency_holds(old, new, a, b, proof)
    assert not consistency_holds(old, new, bytes(32), b, proof)
    assert not consistency_holds(old, new, a, bytes(32), proof)
    if proof:
        changed = data.draw(st.integers(0, len(proof) - 1))
        assert not consistency_holds(old, new, a, b, [*proof[:changed], bytes(32), *proof[changed + 1 :]])


def test_all_proofs_hold_when_trees_are_small():
    for size in range(1, 34):
        root = naive(0, size)
        for index in range(size):
            assert inclusion_holds(index, size, MANY[index], inclusion_proof(index, size, READ), root)
        for old in range(1, size + 1):
            assert consistency_holds(old, size, naive(0, old), root, consistency_proof(old, size, READ))


@settings(max_examples=40, deadline=None)
@given(sizes, st.integers(0, 600))
def test_restored_tree_goes_on_like_the_first_when_more_is_appended(size, more):
    restored = Tree.restore(size, READ)
    assert (restored.size, restored.root()) == (size, naive(0, size))
    first = Tree()
    for digest in MANY[:size]:
        first.append(digest)
    first.take_tiles()
    for digest in MANY[size : size + more]:
        first.append(digest)
        restored.append(digest)
    assert restored.root() == first.root()
    assert restored.take_tiles() == first.take_tiles()
    assert restored.edge_tiles() == first.edge_tiles()


def test_every_full_tile_is_handed_out_once_when_taken_at_any_rhythm():
    slow, fast = Tree(), Tree()
    seen = []
    for number, digest in enumerate(MANY):
        slow.append(digest)
        fast.append(digest)
        if number % 1000 == 0:
            seen += slow.take_tiles()
    seen += slow.take_tiles()
    assert seen == fast.take_tiles()
    assert not slow.take_tiles()
    assert [(tile.level, tile.number) for tile in seen if tile.level] == [(1, 0)]
    assert all(len(tile.hashes) == 8192 for tile in seen)
    # tlog-tiles' own example: at size 70,000 a partial tile 273 of width 112, one of width 17, one of width 1.
    assert [(t.level, t.number, len(t.hashes) // 32) for t in slow.edge_tiles()] == [
        (0, 273, 112),
        (1, 1, 17),
        (2, 0, 1),
    ]


def test_proof_is_refused_when_it_is_for_a_smaller_tree_of_the_same_root():
    assert inclusion_holds(0, 2, MANY[0], [MANY[1]], naive(0, 2))
    assert not inclusion_holds(0, 3, MANY[0], [MANY[1]], naive(0, 2))


def test_copy_stays_when_original_goes_on():
    tree = Tree()
    for digest in MANY[:255]:
        tree.append(digest)
    twin = tree.copy()
    for digest in MANY[255:300]:
        tree.append(digest)
    assert (twin.size, twin.root(), twin.take_tiles()) == (255, naive(0, 255), [])
    twin.append(MANY[255])
    assert len(twin.take_tiles()) == 1
    assert tree.root() == naive(0, 300)


def test_error_is_typed_when_store_is_short():
    short = reader_of(MANY[:10])
    for call in (
        lambda: root_at(20, short),
        lambda: Tree.restore(20, short),
        lambda: inclusion_proof(1, 20, short),
        lambda: consistency_proof(5, 20, short),
    ):
        with pytest.raises(TileError):
            call()


def test_proof_is_refused_when_there_is_nothing_to_prove():
    for index, size in ((0, 0), (5, 5), (-1, 5)):
        with pytest.raises(ValueError, match="no leaf"):
            inclusion_proof(index, size, READ)
    for old, new in ((0, 5), (6, 5)):
        with pytest.raises(ValueError, match="no consistency proof"):
            consistency_proof(old, new, READ)


def test_fold_equals_recursive_definition_when_count_is_odd():
    assert fold(MANY[:7]) == naive(0, 7)
