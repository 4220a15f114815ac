"""The verifier's parts, each at its border: proofs out of range, numbers and keys written otherwise, runs, seals.

Everything a stranger hands over passes through these; what they let pass nobody else will catch.
"""

from base64 import b64encode
from hashlib import sha256

import pytest

from integration.audit.checkpoint import sign_checkpoint
from integration.audit.merkle import leaf_hash, node_hash
from integration.audit.note import SigningKey
from integration.audit.proofs import consistency_proof, inclusion_proof
from integration.audit.tiles import tlog_proof
from integration.audit.verify import (
    Problem,
    Report,
    What,
    read_checkpoint,
    verify_consistency,
    verify_inclusion,
    verify_proof,
)
from integration.audit.verify.model import MAX_LISTED, Head, Problems
from integration.audit.verify.note import NoteFault, exact_base64, exact_decimal
from integration.audit.verify.order import Order
from integration.audit.verify.seals import Seals
from integration.audit.verify.tree import Stack, consistency_holds, hash_children, hash_leaf, inclusion_holds
from tests.audit.logs import KEY, ORIGIN, found, log_of, reader_of, root_of

HASHES = [leaf_hash(bytes([number])) for number in range(40)]
READ = reader_of(HASHES)


def root(size: int) -> bytes:
    return root_of(HASHES[:size])


# -- proofs ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [0, 1, 2, 5, 8])
def test_a_leaf_is_not_in_the_tree_when_its_index_is_beyond_it(size):
    for index in (-1, size, size + 1, 2 * size + 1):
        for proof in ([], [HASHES[1]], inclusion_proof(0, max(size, 1), READ)):
            assert not inclusion_holds(index, size, HASHES[0], proof, HASHES[0])
            assert not inclusion_holds(index, size, HASHES[0], proof, root(size))


def test_a_proof_is_refused_when_it_is_longer_than_the_tree_is_high():
    # because a checkpoint could claim one entry under the root of two
    assert not inclusion_holds(0, 1, HASHES[0], [HASHES[1]], node_hash(HASHES[1], HASHES[0]))
    assert not inclusion_holds(0, 1, HASHES[0], [HASHES[1]], node_hash(HASHES[0], HASHES[1]))
    longer = [*consistency_proof(3, 7, READ), HASHES[9]]
    above = (node_hash(HASHES[9], root(3)), node_hash(HASHES[9], root(7)))
    assert not consistency_holds(3, 7, *above, longer)
    assert not consistency_holds(3, 7, root(3), node_hash(root(7), HASHES[9]), longer)


def test_a_proof_is_refused_when_it_is_shorter_than_the_tree_is_high():
    # because a checkpoint could claim seven entries under the root of four
    assert not consistency_holds(3, 7, root(3), root(4), consistency_proof(3, 7, READ)[:-1])
    assert not inclusion_holds(0, 7, HASHES[0], inclusion_proof(0, 7, READ)[:-1], root(4))


@pytest.mark.parametrize(
    ("old", "new", "because"),
    [
        (0, 5, "an empty tree proves nothing"),
        (5, 3, "it would shrink"),
        (-1, 3, "there is no such size"),
        (3, 0, "there is nothing left"),
    ],
)
def test_no_consistency_is_proved_when_the_sizes_make_no_sense(old, new, because):
    for proof in ([], [HASHES[0]], consistency_proof(3, 5, READ)):
        assert not consistency_holds(old, new, root(3), root(5), proof), because


def test_no_consistency_is_proved_when_there_is_no_proof():
    for old, new in ((3, 5), (4, 8), (1, 2)):
        assert not consistency_holds(old, new, root(old), root(new), [])
        assert not consistency_holds(old, new, root(old), root(old), [])


def test_equal_sizes_need_equal_roots_and_no_proof():
    assert consistency_holds(5, 5, root(5), root(5), [])
    assert not consistency_holds(5, 5, root(5), root(4), [])
    assert not consistency_holds(5, 5, root(5), root(5), [HASHES[0]])
    assert consistency_holds(0, 0, root(0), root(0), [])


def test_every_proof_holds_for_its_own_place_only():
    for size in range(1, 18):
        for index in range(size):
            proof = inclusion_proof(index, size, READ)
            holding = [
                (i, s)
                for s in range(1, 20)
                for i in range(s)
                if inclusion_holds(i, s, HASHES[index], proof, root(size))
            ]
            assert (index, size) in holding
            # Of another size a proof can hold only where both trees have the same path from this leaf.
            assert all(len(inclusion_proof(i, s, READ)) == len(proof) for i, s in holding)


def test_every_extension_is_proved_and_no_other():
    for new in range(2, 18):
        for old in range(1, new):
            proof = consistency_proof(old, new, READ)
            assert consistency_holds(old, new, root(old), root(new), proof)
            assert not consistency_holds(old, new, root(old), root(new + 1), proof)
            assert not consistency_holds(old, new, root(old + 1), root(new), proof)


def test_consistency_speaks_of_one_log_when_origins_differ():
    heads = [Head(origin, size, root(size)) for origin, size in (("a", 3), ("a", 7), ("b", 7))]
    proof = consistency_proof(3, 7, READ)
    assert verify_consistency(heads[0], heads[1], proof)
    assert not verify_consistency(heads[0], heads[2], proof)
    leaf = b"leaf"
    assert verify_inclusion(0, Head("a", 1, hash_leaf(leaf)), leaf, [])
    assert not verify_inclusion(0, Head("a", 1, hash_leaf(leaf)), b"other", [])


def test_the_verifiers_tree_is_rfc_6962_when_it_is_built_leaf_by_leaf():
    stack = Stack()
    assert stack.root() == sha256(b"").digest()
    for size, digest in enumerate(HASHES, start=1):
        twin = stack.copy()
        stack.push(digest)
        assert (stack.count, stack.root()) == (size, root(size))
        assert (twin.count, twin.root()) == (size - 1, root(size - 1))
    assert hash_leaf(b"x") == sha256(b"\x00x").digest()
    assert hash_children(b"l", b"r") == sha256(b"\x01lr").digest()


# -- numbers, keys, notes ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", [b"", b"01", b"00", b"+1", b"-1", b" 1", b"1 ", b"1.0", b"1" * 20, "\u0661".encode(), b"x"]
)
def test_a_number_is_refused_when_it_is_no_plain_decimal(text):
    with pytest.raises(NoteFault, match="not a plain decimal"):
        exact_decimal(text)


@pytest.mark.parametrize("number", [0, 1, 10, 2**63, 9_999_999_999_999_999_999])
def test_a_number_is_read_when_it_is_a_plain_decimal(number):
    assert exact_decimal(b"%d" % number) == number


@pytest.mark.parametrize(
    "text", [b"A", b"AA", b"AAA", b"AAAA\n", b"A-==", b"AB==", b"AAB=", b"=", b"A A A=", b"AAAA===="]
)
def test_base64_is_refused_when_it_is_not_in_its_one_form(text):
    with pytest.raises(NoteFault, match="base64"):
        exact_base64(text)


def test_base64_is_read_when_it_is_in_its_one_form():
    for size in range(5):
        assert exact_base64(b64encode(bytes(size))) == bytes(size)


GOOD = sign_checkpoint(ORIGIN, 5, bytes(32), KEY)
NAME, ID, ENCODED = KEY.vkey.split("+", 2)


@pytest.mark.parametrize(
    ("vkey", "words", "because"),
    [
        (f"+{ID}+{ENCODED}", "not an Ed25519 key", "it has no name"),
        (f"{NAME}+{ID}+{b64encode(bytes([2]) + bytes(32)).decode()}", "not an Ed25519 key", "another kind of key"),
        (f"{NAME}+{ID}+{b64encode(bytes([1]) + bytes(31)).decode()}", "not an Ed25519 key", "too short"),
        (f"{NAME}+{ID}+{b64encode(bytes([1]) + bytes(33)).decode()}", "not an Ed25519 key", "too long"),
        (f"{NAME}+{ID}+", "not an Ed25519 key", "no key"),
        (f"{NAME}+{'0' * 8}+{ENCODED}", "not its own", "another key's id"),
        (f"{NAME}+{ID.upper()}+{ENCODED}", "not its own", "ids are in small letters"),
        (f"x{NAME}+{ID}+{ENCODED}", "not its own", "the id covers the name"),
        (NAME, "not an Ed25519 key", "only a name"),
    ],
)
def test_a_verifier_key_is_refused_when_a_part_of_it_is_wrong(vkey, words, because):
    with pytest.raises(NoteFault, match=words):
        read_checkpoint(GOOD, vkey)


def test_a_verifier_key_is_read_when_only_space_is_around_it():
    assert read_checkpoint(GOOD, f" {KEY.vkey}\n").size == 5


def signed(text: str, key: SigningKey = KEY) -> bytes:
    return key.sign(text)


ROOT_TEXT = b64encode(bytes(32)).decode()


@pytest.mark.parametrize(
    ("note", "words", "because"),
    [
        (b"", "not a signed note", "nothing"),
        (GOOD.rstrip(b"\n"), "not a signed note", "no newline at its end"),
        (GOOD.replace(b"\n\n", b"\n"), "not a signed note", "no empty line"),
        (GOOD + b"\n", "not a signed note", "an empty line at its end"),
        (GOOD.replace("\u2014 ".encode(), b"- "), "malformed", "no em dash"),
        (GOOD + "\u2014 \n".encode(), "malformed", "nobody's signature"),
        (GOOD + "\u2014 name\n".encode(), "malformed", "a name without a signature"),
        (GOOD + "\u2014  AAAA\n".encode(), "malformed", "a signature without a name"),
        (GOOD + "\u2014 x !!\n".encode(), "base64", "another's signature that is no base64"),
        (GOOD + "\u2014 x y AAAA\n".encode(), "base64", "a name of two words"),
        (GOOD + "\u2014 x AAAA\n".encode() * 100, "too many", "a hundred and one"),
        (signed(f"{ORIGIN}\n5\n"), "three lines", "two lines"),
        (signed(f"{ORIGIN}\n5\n{ROOT_TEXT}\nmore\n"), "three lines", "four lines"),
        (signed(f"other\n5\n{ROOT_TEXT}\n"), "origin", "another log's"),
        (signed(f"{ORIGIN}\n5\n{b64encode(bytes(31)).decode()}\n"), "not a SHA-256", "a root too short"),
        (signed(f"{ORIGIN}\n05\n{ROOT_TEXT}\n"), "plain decimal", "a size written otherwise"),
        (signed(f"{ORIGIN}\n5\n{ROOT_TEXT}\n", SigningKey.generate("x")), "no signature by", "only a stranger's"),
    ],
)
def test_a_checkpoint_is_refused_when_a_part_of_it_is_wrong(note, words, because):
    with pytest.raises(NoteFault, match=words):
        read_checkpoint(note, KEY.vkey)


def test_a_checkpoint_is_read_when_a_hundred_signed_it():
    assert read_checkpoint(GOOD + "\u2014 x AAAA\n".encode() * 99, KEY.vkey).size == 5


def test_a_checkpoint_is_refused_when_one_of_two_signatures_by_the_key_is_wrong():
    line = GOOD.rpartition(b"\n\n")[2]
    other = sign_checkpoint(ORIGIN, 6, bytes(32), KEY).rpartition(b"\n\n")[2]
    assert read_checkpoint(GOOD + line, KEY.vkey).size == 5
    for note in (GOOD + other, GOOD.replace(line, other + line)):
        with pytest.raises(NoteFault, match="does not verify"):
            read_checkpoint(note, KEY.vkey)


def test_a_stranger_of_the_same_name_is_passed_over_when_the_log_signed_too():
    stranger = SigningKey.generate(ORIGIN).sign(f"{ORIGIN}\n5\n{ROOT_TEXT}\n").rpartition(b"\n\n")[2]
    assert read_checkpoint(GOOD + stranger, KEY.vkey).size == 5


# -- .tlog-proof -------------------------------------------------------------------------------------------------------

LOG = log_of(20)
PROOF = tlog_proof(7, inclusion_proof(7, 20, reader_of(LOG.hashes)), LOG.checkpoint)


@pytest.mark.parametrize(
    ("proof", "words", "because"),
    [
        (PROOF.replace(b"\n\n", b"\n"), "not a tlog-proof", "no gap before the checkpoint"),
        (PROOF.replace(b"@v1", b"@v2"), "not a tlog-proof", "another version"),
        (PROOF.replace(b"index 7", b"indez 7"), "names no index", "no index"),
        (PROOF.replace(b"index 7\n", b""), "names no index", "no index at all"),
        (b"c2sp.org/tlog-proof@v1\n\n" + LOG.checkpoint, "names no index", "nothing at all"),
        (PROOF.replace(b"index 7", b"extra !\nindex 7"), "base64", "extra data that is no base64"),
        (PROOF.replace(b"index 7", b"extra AA==\nextra AA==\nindex 7"), "names no index", "extra data twice"),
        (PROOF.replace(b"index 7\n", b"index 7\nAAAA\n"), "not made of SHA-256", "a short hash"),
        (PROOF.replace(b"index 7\n", b"index 7\n" + ROOT_TEXT.encode() * 1 + b"\n"), "does not lead", "one too many"),
        (PROOF.replace(b"index 7\n", b"index 7\n" + (ROOT_TEXT.encode() + b"\n") * 59), "not made of SHA-256", "64"),
        (PROOF.replace(b"index 7", b"index 20"), "does not lead", "beyond the tree"),
        (PROOF.replace(b"index 7", b"index 07"), "plain decimal", "written otherwise"),
    ],
)
def test_a_proof_file_is_refused_when_a_part_of_it_is_wrong(proof, words, because):
    report = verify_proof(proof, KEY.vkey, LOG.leaves[7])
    assert (report.ok, found(report)) == (False, {What.PROOF}), because
    assert any(words in each.text for each in report.problems), because


def test_a_proof_file_says_what_it_covers_when_it_is_right():
    report = verify_proof(PROOF, KEY.vkey, LOG.leaves[7], salt=LOG.salts[7], body=LOG.bodies[7])
    assert report == Report(1, None, read_checkpoint(LOG.checkpoint, KEY.vkey), ())
    sixty_three = b"index 0\n" + (ROOT_TEXT.encode() + b"\n") * 63
    longest = PROOF[: PROOF.index(b"index")] + sixty_three + b"\n" + LOG.checkpoint
    assert "does not lead" in verify_proof(longest, KEY.vkey, LOG.leaves[0]).problems[0].text


def test_a_wrong_leaf_is_named_by_its_index_when_a_proof_is_read():
    report = verify_proof(PROOF, KEY.vkey, b"nonsense")
    assert [(each.what, each.index) for each in report.problems] == [(What.PROOF, 7), (What.MALFORMED_LEAF, 7)]
    unread = verify_proof(b"", KEY.vkey, b"nonsense")
    assert [(each.what, each.index) for each in unread.problems] == [(What.PROOF, None), (What.MALFORMED_LEAF, None)]
    assert unread.head is None


# -- order and seals ---------------------------------------------------------------------------------------------------


def told(indexes: list[int | None]) -> list[tuple[What, int | None, int | None]]:
    order, problems = Order(), Problems()
    for index in indexes:
        order.place(index)
    order.report(problems)
    return [(each.what, each.index, each.until) for each in problems.sorted()]


@pytest.mark.parametrize(
    ("indexes", "expected", "because"),
    [
        ([], [], "an empty log"),
        ([0, 1, 2], [], "in order"),
        ([0, None, 2], [], "one that cannot be read is the one expected"),
        ([None, None], [], "all of them"),
        ([1, 2], [(What.MISSING, 0, 1)], "the first is gone"),
        ([0, 3, 4], [(What.MISSING, 1, 3)], "two are gone"),
        ([0, 0, 1], [(What.OUT_OF_ORDER, 0, 2), (What.DUPLICATE, 0, 1)], "one stands twice"),
        ([0, 1, 2, 1], [(What.OUT_OF_ORDER, 1, 2), (What.DUPLICATE, 1, 2)], "one comes again"),
        ([0, 1, 2, 3, 1, 2], [(What.OUT_OF_ORDER, 1, 3), (What.DUPLICATE, 1, 3)], "two come again"),
        ([0, 2, 1, 3], [(What.OUT_OF_ORDER, 1, 2)], "two were exchanged"),
        ([2, 0, 1], [(What.OUT_OF_ORDER, 0, 2)], "the last came first"),
        ([0, 1, 5, 2], [(What.OUT_OF_ORDER, 2, 3), (What.MISSING, 3, 5)], "misplaced and missing"),
        ([0, 1, 2, 3, 4, 5, 1, 2, 6], [(What.OUT_OF_ORDER, 1, 3), (What.DUPLICATE, 1, 3)], "and nothing is missing"),
        ([0, 1, 2, 2, 3], [(What.OUT_OF_ORDER, 2, 4), (What.DUPLICATE, 2, 3)], "the second copy goes on"),
    ],
)
def test_the_missing_the_repeated_and_the_misplaced_are_named_by_their_place(indexes, expected, because):
    assert told(indexes) == expected, because


def test_breaks_are_told_as_many_when_there_are_ten_thousand():
    many = (What.OUT_OF_ORDER, None, None)
    assert many not in told([2 * number for number in range(9_999)])
    # The first row is a break too when the log does not begin with entry 0; there is no run before it.
    assert many not in told([2 * number + 1 for number in range(9_999)])
    assert told([2 * number for number in range(10_000)])[0] == many


def test_memory_stays_when_a_log_has_more_breaks_than_are_told():
    order = Order()
    for number in range(10_050):
        order.place(2 * number)
    order.report(Problems())
    assert len(order.runs) == 10_000


def test_a_copy_of_an_order_stands_for_itself():
    order, problems = Order(), Problems()
    order.place(0)
    order.place(2)
    twin = order.copy()
    order.place(3)
    twin.place(9)
    twin.report(problems)
    assert [(each.index, each.until) for each in problems.sorted()] == [(1, 2), (3, 9)]
    assert order.place(None) == 4


def test_seals_match_the_entries_that_name_them():
    seals, problems = Seals(), Problems()
    seals.name(2, 5, problems)
    seals.name(2, 8, problems)
    seals.name(3, 6, problems)
    seals.name(4, 9, problems)
    seals.sealed |= {2, 3, 7}
    twin = seals.copy()
    assert seals.report(6, problems) == ["entry 3 is sealed by entry 6, which no checkpoint covers yet"]
    assert [(each.what, each.index) for each in problems.sorted()] == [
        (What.SEALED_STILL_READABLE, 4),
        (What.SEALED_WITHOUT_ENTRY, 7),
    ]
    twin.sealed.add(99)
    twin.named[98] = 1
    assert (99 in seals.sealed, 98 in seals.named) == (False, False)


@pytest.mark.parametrize(("target", "by", "nothing"), [(4, 5, False), (5, 5, True), (6, 5, True)])
def test_an_entry_seals_nothing_when_what_it_names_did_not_exist_yet(target, by, nothing):
    seals, problems = Seals(), Problems()
    seals.name(target, by, problems)
    assert [(each.what, each.index) for each in problems.sorted()] == ([(What.SEALS_NOTHING, by)] if nothing else [])
    assert (target in seals.named) is not nothing


# -- what is told ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("index", "until", "line"),
    [
        (None, None, "log: x (root_differs)"),
        (3, None, "entry 3: x (root_differs)"),
        (3, 4, "entry 3: x (root_differs)"),
        (3, 5, "entries 3 to 4: x (root_differs)"),
        (0, 9, "entries 0 to 8: x (root_differs)"),
    ],
)
def test_a_problem_names_its_place_in_a_line(index, until, line):
    assert str(Problem(What.ROOT, index, until, "x")) == line


def test_problems_stand_by_place_those_of_the_whole_log_first():
    problems = Problems()
    for index in (5, None, 0, 5):
        problems.add(What.ROOT, index, "x")
    problems.add(What.ROOT, 2, "x", until=7)
    assert [(each.index, each.until) for each in problems.sorted()] == [(None, None), (0, 1), (2, 7), (5, 6), (5, 6)]


def test_a_thousand_of_a_kind_are_listed_and_the_rest_counted():
    problems = Problems()
    for number in range(MAX_LISTED + 2):
        problems.add(What.TILE, number, "x")
    problems.add(What.ROOT, 0, "x")
    twin = problems.copy()
    twin.add(What.TILE, 0, "x")
    assert (MAX_LISTED, len(problems.listed), problems.unlisted) == (1000, 1001, 2)
    assert (len(twin.listed), twin.unlisted, problems.kinds[What.TILE]) == (1001, 3, 1002)


def test_a_report_is_fine_when_nothing_is_wrong():
    assert Report(0, None, None, ()).ok
    assert not Report(0, None, None, (Problem(What.ROOT, None, None, "x"),)).ok


def test_a_kind_of_problem_keeps_its_word():
    # because whoever runs the verifier every night looks for these words
    assert {each.name: each.value for each in What} == {
        "MALFORMED_ROW": "malformed_row",
        "MALFORMED_LEAF": "malformed_leaf",
        "MALFORMED_ENTRY": "malformed_entry",
        "NOT_CANONICAL": "not_canonical",
        "COMMITMENT": "commitment_differs",
        "STORED_HASH": "stored_hash_differs",
        "MISSING": "missing",
        "DUPLICATE": "duplicate",
        "OUT_OF_ORDER": "out_of_order",
        "SEALED_WITHOUT_ENTRY": "sealed_without_entry",
        "SEALED_STILL_READABLE": "sealed_still_readable",
        "SEALS_NOTHING": "seals_nothing",
        "CHECKPOINT": "checkpoint_invalid",
        "SIZE": "size_differs",
        "ROOT": "root_differs",
        "HISTORY": "earlier_checkpoint_differs",
        "TILE": "tile_differs",
        "MISSING_FILE": "missing_file",
        "PROOF": "proof_invalid",
        "COLUMNS": "columns_differ",
        "PROJECTION": "projection_differs",
    }


def test_a_report_says_nothing_more_when_there_is_nothing_more():
    assert Report(0, None, None, ()) == Report(0, None, None, (), 0, ())
