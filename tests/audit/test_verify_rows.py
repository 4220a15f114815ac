"""One row at a time: every way in which a row, a leaf or an entry can be written wrong, and what is said of it."""

import json
from base64 import b64encode
from typing import Any

import orjson
import pytest

from integration.audit.entry import jsonl_row, leaf
from integration.audit.merkle import leaf_hash
from integration.audit.verify import Checked, Row, What, check
from tests.audit.logs import entry, log_of, make_log

LOG = log_of(3)
LINE = LOG.lines()[1]
HASHED = LOG.lines(digests=True)[1]
SALT = bytes(range(32))
MOST = 2**53 - 1
BODY = LOG.bodies[1]
PARSED = json.loads(BODY)


def turned(said: dict[str, Any]) -> dict[str, Any]:
    """The same in another order."""
    return {name: said[name] for name in sorted(said, reverse=True)}


TURNED = turned(PARSED)


def kinds(checked: Checked) -> list[What]:
    return [what for what, _ in checked.problems]


def words(checked: Checked) -> str:
    return "; ".join(text for _, text in checked.problems)


def row_of(text: bytes) -> Row:
    """A stored row whose leaf commits to this body."""
    return Row(1, leaf(SALT, text), SALT, text)


def line_of(**changes: Any) -> bytes:
    """The second row with values changed, written in the log's way."""
    return orjson.dumps(json.loads(HASHED) | changes) + b"\n"


@pytest.mark.parametrize("line", [LINE, HASHED], ids=["plain", "with its hash"])
def test_a_row_is_fine_when_the_log_wrote_it(line):
    assert check(line) == Checked(1, leaf_hash(LOG.leaves[1]), sealed=False, seals=None, problems=())


def test_a_sealed_row_says_so_when_salt_and_body_are_gone():
    line = jsonl_row(1, LOG.leaves[1], None, None)
    assert check(line) == Checked(1, leaf_hash(LOG.leaves[1]), sealed=True, seals=None, problems=())
    assert check(Row(1, LOG.leaves[1], None, None)).sealed


MALFORMED = [
    (LINE[:-1], "cut off or too long", "no newline"),
    (b"", "cut off or too long", "nothing"),
    (b"\n", "not JSON", "an empty line"),
    (b"\xff\n", "not UTF-8", "other bytes"),
    (b"{\n", "not JSON", "half of it"),
    (b"[" * 100_000 + b"\n", "not JSON", "too deep to read"),
    (b"[]\n", "has not the fields", "a list"),
    (b"null\n", "has not the fields", "nothing"),
    (line_of(more=1), "has not the fields", "a field too many"),
    (b'{"leaf":"x","index":1,"salt":null,"entry":null}\n', "has not the fields", "in another order"),
    (b'{"index":1,"leaf":"x","salt":null}\n', "has not the fields", "one too few"),
    (line_of(index=-1), "a field of the row has the wrong type", "a negative index"),
    (line_of(index=True), "a field of the row has the wrong type", "a boolean index"),
    (line_of(index="1"), "a field of the row has the wrong type", "an index as text"),
    (line_of(index=None), "a field of the row has the wrong type", "no index"),
    (line_of(index=MOST + 1), "no exact form", "an index past 2**53"),
    (line_of(index=1.0), "no exact form", "a float"),
    (line_of(leaf=1), "a field of the row has the wrong type", "a leaf that is no text"),
    (line_of(leaf=None), "a field of the row has the wrong type", "no leaf"),
    (line_of(hash=1), "a field of the row has the wrong type", "a hash that is no text"),
    (line_of(salt=1), "salt or entry has the wrong type", "a salt that is no text"),
    (line_of(entry=[]), "salt or entry has the wrong type", "an entry that is a list"),
    (line_of(entry="x"), "salt or entry has the wrong type", "an entry that is a text"),
    (line_of(salt="A"), "not written as it has to be|base64", "a salt that is no base64"),
    (line_of(salt="\u00e9"), "not written as it has to be|base64", "a salt that is not ASCII"),
    (line_of(hash="zz"), "not written as it has to be", "a hash that is no hexadecimal"),
    (line_of(hash=None), "not a SHA-256", "a hash that is null"),
    (line_of(hash="00"), "not a SHA-256", "a hash too short"),
    (line_of(hash="00" * 33), "not a SHA-256", "a hash too long"),
    (LINE.replace(b'"leaf":"{', b'"leaf":"\\ud800{'), "not written as it has to be", "a lone surrogate in the leaf"),
    (LINE.replace(b'"n":1', b'"n":"\\ud800"'), "not Unicode", "a lone surrogate in the entry"),
    (LINE.replace(b'"n":1', b'"n":-Infinity'), "no exact form", "no number"),
    (LINE.replace(b'"n":1', b'"n":1e3'), "no exact form", "an exponent"),
    (LINE.replace(b'"n":1', b'"n":-9007199254740992'), "no exact form", "an integer before -2**53"),
]


@pytest.mark.parametrize(("line", "said", "because"), MALFORMED, ids=[row[2] for row in MALFORMED])
def test_a_row_cannot_be_read_when(line, said, because):
    checked = check(line)
    assert kinds(checked) == [What.MALFORMED_ROW], because
    assert any(each in words(checked) for each in said.split("|")), words(checked)
    assert (checked.index, checked.leaf_hash, checked.sealed, checked.seals) == (None, None, False, None)


def test_a_number_that_cannot_be_told_exactly_is_told_cut_off():
    # because a row may hold a number of a million digits, and a problem is one line
    assert "the number 11111111111111111111, which" in words(check(LINE.replace(b'"n":1', b'"n":' + b"1" * 4000)))


@pytest.mark.parametrize("number", [MOST, -MOST, 0])
def test_an_integer_is_fine_when_every_program_reads_it_alike(number):
    log = make_log([entry(0, detail={"n": number})])
    assert check(log.lines()[0]).problems == ()


@pytest.mark.parametrize(
    ("line", "because"),
    [
        (LINE.replace(b'{"index":1', b'{ "index":1'), "a blank"),
        (HASHED.replace(leaf_hash(LOG.leaves[1]).hex().encode(), leaf_hash(LOG.leaves[1]).hex().upper().encode()),
         "a hash in capitals"),
        (LINE.replace(b'"entry":{"actor"', b'"entry": {"actor"'), "a blank in the entry"),
        (LINE.replace(b'"v":1}}', b'"v":1,"v":1}}'), "a field twice"),
        (orjson.dumps(json.loads(LINE) | {"entry": TURNED}) + b"\n", "fields in another order"),
        (orjson.dumps(json.loads(LINE) | {"entry": PARSED | {"detail": turned(PARSED["detail"])}}) + b"\n",
         "in another order inside"),
        (LINE.replace(b'\\"alg\\"', b"\\u0022alg\\u0022"), "an escape in the leaf"),
    ],
)  # fmt: skip
def test_a_row_is_not_canonical_when_bytes_changed_that_mean_nothing(line, because):
    assert line != LINE
    checked = check(line)
    assert kinds(checked) == [What.NOT_CANONICAL], because
    # Its index may be what was changed, so it is not relied on; the leaf can still be hashed.
    assert (checked.index, checked.leaf_hash) == (None, leaf_hash(LOG.leaves[1]))


def written(**changes: Any) -> bytes:
    return orjson.dumps(PARSED | changes, option=orjson.OPT_SORT_KEYS)


ENTRIES = [
    (b"{}", "fields of version 1", "no fields"),
    (b"[]", "fields of version 1", "a list"),
    (written(more="x"), "fields of version 1", "a field too many"),
    (orjson.dumps({k: v for k, v in PARSED.items() if k != "place"}), "fields of version 1", "one too few"),
    (written(v=2), "fields of version 1", "another version"),
    (written(v=True), "fields of version 1", "true is not 1"),
    (written(v="1"), "fields of version 1", "nor is a text"),
    (BODY.replace(b",", b", ", 1), "not canonical", "a blank"),
    (BODY.replace(b'"v":1}', b'"v":1,"v":1}'), "not canonical", "a field twice"),
    (orjson.dumps(TURNED), "not canonical", "fields in another order"),
    (written(detail=[]), "wrong type", "a detail that is a list"),
    (written(detail=None), "wrong type", "no detail"),
    *((written(**{name: 1}), "wrong type", f"{name} is no text") for name in PARSED if name not in ("detail", "v")),
    *((written(**{name: None}), "wrong type", f"{name} is null") for name in PARSED if name not in ("detail", "v")),
    (written(at="2026-11-22T01:02:03.123456"), "not UTC with microseconds", "no zone"),
    (written(at="2026-11-22T01:02:03Z"), "not UTC with microseconds", "no microseconds"),
    (written(at="2026-11-22 01:02:03.123456Z"), "not UTC with microseconds", "a blank"),
    (written(at="2026-11-22T01:02:03.123456Zx"), "not UTC with microseconds", "something behind it"),
    (written(at="x2026-11-22T01:02:03.123456Z"), "not UTC with microseconds", "something before it"),
    (written(at="\u0662026-11-22T01:02:03.123456Z"), "not UTC with microseconds", "other digits"),
    (written(kind="entry.sealed"), "names no leaf", "a sealing that names none"),
    (written(kind="entry.sealed", detail={"leaf_index": -1}), "names no leaf", "one that names -1"),
    (written(kind="entry.sealed", detail={"leaf_index": True}), "names no leaf", "one that names true"),
    (written(kind="entry.sealed", detail={"leaf_index": "0"}), "names no leaf", "one that names a text"),
    (b"\xff", "not UTF-8", "other bytes"),
    (b"x", "not JSON", "no JSON"),
    (written(detail={"n": 0.5}), "no exact form", "a float"),
]


@pytest.mark.parametrize(("text", "said", "because"), ENTRIES, ids=[row[2] for row in ENTRIES])
def test_an_entry_is_malformed_when_the_log_itself_wrote(text, said, because):
    checked = check(row_of(text))
    assert (kinds(checked), checked.seals) == ([What.MALFORMED_ENTRY], None), because
    assert said in words(checked)


@pytest.mark.parametrize("target", [0, 7])
def test_an_entry_names_what_it_seals_when_it_is_a_sealing(target):
    text = written(kind="entry.sealed", detail={"leaf_index": target})
    assert check(row_of(text)) == Checked(1, leaf_hash(leaf(SALT, text)), sealed=False, seals=target, problems=())
    assert check(row_of(written(detail={"leaf_index": target}))).seals is None


@pytest.mark.parametrize(
    ("row", "expected", "because"),
    [
        (Row(1, leaf(SALT, BODY), SALT, None), [What.MALFORMED_ROW], "a salt without a body"),
        (Row(1, leaf(SALT, BODY), None, BODY), [What.MALFORMED_ROW], "a body without a salt"),
        (Row(1, leaf(SALT, BODY), SALT[:31], BODY), [What.MALFORMED_ROW, What.COMMITMENT], "a salt too short"),
        (Row(1, leaf(SALT, BODY), SALT + b"x", BODY), [What.MALFORMED_ROW, What.COMMITMENT], "a salt too long"),
        (Row(1, leaf(SALT, BODY), bytes(32), BODY), [What.COMMITMENT], "another salt"),
        (Row(1, leaf(SALT, BODY), SALT, written(place="x")), [What.COMMITMENT], "another body"),
        (Row(1, b"x", SALT, BODY), [What.MALFORMED_LEAF], "a leaf of another form"),
        (Row(1, leaf(SALT, BODY) + b"x", SALT, BODY), [What.MALFORMED_LEAF], "a leaf with something behind it"),
        (Row(1, leaf(SALT, BODY).upper(), None, None), [What.MALFORMED_LEAF], "a leaf in capitals"),
        (Row(1, leaf(SALT, BODY), SALT, BODY, bytes(32)), [What.STORED_HASH], "another hash stored with it"),
        (Row(1, leaf(SALT, BODY), SALT, BODY, leaf_hash(leaf(SALT, BODY))), [], "the right hash"),
        (Row(1, b"x", bytes(3), None, bytes(32)),
         [What.MALFORMED_LEAF, What.STORED_HASH, What.MALFORMED_ROW], "all of it at once"),
    ],
)  # fmt: skip
def test_a_stored_row_is_told_by_what_is_wrong_with_it(row, expected, because):
    checked = check(row)
    assert kinds(checked) == expected, because
    assert (checked.index, checked.leaf_hash) == (1, leaf_hash(row.leaf))
    assert checked.sealed is (row.salt is None and row.body is None)


def test_salt_and_border_cannot_be_moved_when_the_sum_is_the_same():
    # because sha256(salt + body) is the same wherever the border is
    shifted = Row(1, leaf(SALT, BODY), SALT + BODY[:1], BODY[1:])
    assert What.MALFORMED_ROW in kinds(check(shifted))
    assert What.COMMITMENT not in kinds(check(shifted))


def test_a_line_says_its_salt_in_base64_when_it_is_read():
    parsed = json.loads(LINE)
    assert parsed["salt"] == b64encode(LOG.salts[1]).decode()
    spoiled = LINE.replace(parsed["salt"].encode(), b64encode(bytes(31)))
    assert kinds(check(spoiled)) == [What.MALFORMED_ROW, What.COMMITMENT]
