import ast
import json
import sys
import tracemalloc
from pathlib import Path
from random import Random

import pytest

from integration.audit import verify
from integration.audit.entry import jsonl_row, leaf
from integration.audit.merkle import leaf_hash
from integration.audit.note import SigningKey
from integration.audit.verify import Row, What, check, verify_directory, verify_rows
from tests.audit.logs import KEY, ORIGIN, entry, found, log_of, make_log

ALLOWED = ("integration.audit.verify", "cryptography")


def test_verifier_shares_no_code_when_its_imports_are_read():
    for path in Path(verify.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            for name in names:
                assert name.startswith(ALLOWED) or name.partition(".")[0] in sys.stdlib_module_names, (path, name)


def test_no_alarm_is_raised_when_a_thousand_logs_are_clean():
    random = Random(5)
    big = log_of(60)
    for number in range(1000):
        size = random.randrange(60)
        lines = big.lines()[:size] if number % 2 else big.lines(digests=True)[:size]
        earlier = [big.head(random.randrange(size + 1)) for _ in range(random.randrange(3))]
        report = big.verify(lines, checkpoint=big.head(size), earlier=earlier)
        assert report.ok, (number, report.problems)
        assert not report.notes
        assert report.entries == size


def test_directory_verifies_when_clean(tmp_path):
    log = log_of(300)
    log.write(tmp_path)
    report = verify_directory(tmp_path)
    assert report.ok
    assert report.root == log.tree.root()
    assert report.notes == ("the key was taken from the log's own folder",)
    assert not verify_directory(tmp_path, vkey=KEY.vkey, earlier=[log.head(77)]).notes


@pytest.mark.parametrize("name", ["audit.jsonl", "checkpoint", "vkey"])
def test_problem_is_named_when_file_is_missing(tmp_path, name):
    log_of(5).write(tmp_path)
    (tmp_path / name).unlink()
    report = verify_directory(tmp_path)
    assert What.MISSING_FILE in found(report)
    assert any(name in str(problem) for problem in report.problems)


def test_stored_rows_verify_as_lines_do_when_they_come_from_a_database():
    log = log_of(300)
    rows = [
        Row(i, data, salt, text, leaf_hash(data))
        for i, (data, salt, text) in enumerate(zip(log.leaves, log.salts, log.bodies, strict=True))
    ]
    assert verify_rows(iter(rows), log.checkpoint, KEY.vkey).ok
    rows[200] = Row(200, log.leaves[200], log.salts[200], log.bodies[201])
    assert [(p.what, p.index) for p in log.verify(rows).problems] == [(What.COMMITMENT, 200)]
    rows[200] = Row(200, log.leaves[200], log.salts[200], None)
    assert found(log.verify(rows)) == {What.MALFORMED_ROW}
    shifted = Row(200, log.leaves[200], log.salts[200] + log.bodies[200][:1], log.bodies[200][1:])
    assert What.MALFORMED_ROW in found(log.verify([*rows[:200], shifted, *rows[201:]]))


def test_tail_is_noted_and_is_no_fault_when_past_checkpoint():
    log = log_of(50)
    report = log.verify(log.lines(), checkpoint=log.head(44))
    assert report.ok
    assert report.notes == ("unanchored tail: 6 entries",)


def test_rollback_is_found_when_earlier_checkpoint_is_larger():
    log = log_of(50)
    report = log.verify(log.lines()[:40], checkpoint=log.head(40), earlier=[log.checkpoint, log.head(30)])
    assert [(p.what, p.index, p.until) for p in report.problems] == [(What.HISTORY, 40, 50)]


def test_second_history_is_found_when_earlier_checkpoint_differs():
    log = log_of(50)
    order = [*range(19), 20, 19, *range(21, 50)]
    other = make_log([entry(number) for number in order])
    assert other.verify(other.lines()).ok
    report = other.verify(other.lines(), earlier=[log.head(10), log.head(30)])
    assert [(p.what, p.index, p.until) for p in report.problems] == [(What.HISTORY, 10, 30)]


def test_log_is_refused_when_rewritten_without_the_key():
    log = log_of(50)
    forger = SigningKey.generate(ORIGIN)
    forged = make_log([entry(number) if number != 20 else entry(999) for number in range(50)], forger)
    assert forged.verify(forged.lines()).ok  # the forger's own key says nothing about him
    signed = log.verify(forged.lines(), checkpoint=forged.checkpoint)
    assert found(signed) == {What.CHECKPOINT}
    kept = log.verify(forged.lines(), earlier=[log.head(15), log.head(25)])
    assert (What.ROOT, 15, 25) in [(p.what, p.index, p.until) for p in kept.problems]


def test_row_is_refused_when_changed_in_form_only():
    line = next(line for line in log_of(30).lines() if "ñ".encode() in line and b'"index":1' in line)
    parsed = json.loads(line)
    assert check(line).problems == ()
    for changed in (
        json.dumps(parsed).encode() + b"\n",
        line.replace(b'"index":1', b'"index": 1'),
        line.replace("ñ".encode(), b"\\u00f1"),
        line.replace(b'"v":1}}', b'"v":1,"v":1}}'),
        line[:-1],
        line.replace(b"\\u001f", b"\\u001F"),
        line.replace(b'"index":1', b'"index":1.0'),
        line.replace(b'"n":1', b'"n":9007199254740992'),
        line.replace(b'"n":1', b'"n":NaN'),
        line.replace(b'"n":1', b'"n":' + b"[" * 100_000),
        line.replace(b'"index":1', b'"index":' + b"1" * 5000),
        line.replace(b'"index":1', b'"index":true'),
        b"[]\n",
        b"\n",
        b"\xff\n",
    ):
        assert changed != line
        assert check(changed).problems, changed[:100]


@pytest.mark.parametrize(
    "text",
    [
        b"{}",
        b"[1]",
        b"not json",
        log_of(1).bodies[0].replace(b'"v":1', b'"v":2'),
        log_of(1).bodies[0].replace(b'"v":1', b'"v":true'),
        log_of(1).bodies[0].replace(b"Z", b"z"),
        log_of(1).bodies[0].replace(b'"n":0', b'"n":9007199254740992'),
        log_of(1).bodies[0].replace(b'"place":"intake@host1"', b'"place":7'),
        log_of(1).bodies[0].replace(b":", b": ", 1),
    ],
)
def test_entry_is_refused_when_log_itself_wrote_it_wrong(text):
    row = Row(0, leaf(bytes(32), text), bytes(32), text)
    assert [what for what, _ in check(row).problems] == [What.MALFORMED_ENTRY]


def test_leaf_is_refused_when_not_of_the_form():
    assert [what for what, _ in check(Row(0, b"anything", None, None)).problems] == [What.MALFORMED_LEAF]


def test_problems_are_counted_beyond_the_list_when_log_is_wrecked():
    log = log_of(30)
    report = log.verify([b"nonsense\n"] * 1500)
    assert len(report.problems) == 1001
    assert report.unlisted == 500
    assert str(report.problems[1]).startswith("entries 0 to 29: ")  # the root is never crowded out


def test_memory_stays_when_log_is_longer():
    log = log_of(256)
    parts = list(zip(log.leaves, log.salts, log.bodies, strict=True))

    def peak(count):
        tracemalloc.start()
        try:
            verify_rows((Row(i, *parts[i % 256]) for i in range(count)), log.checkpoint, KEY.vkey)
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(256)
    assert peak(8192) < peak(1024) + 50_000


def test_no_person_is_named_when_problems_are_told():
    log = log_of(20)
    lines = [line.replace(b"done", b"gone") for line in log.lines()]
    told = " ".join(str(problem) for problem in log.verify(lines).problems)
    assert "B-" not in told
    assert "officer" not in told


def test_endless_line_is_refused_when_file_has_no_newline(tmp_path, monkeypatch):
    monkeypatch.setattr("integration.audit.verify.log.MAX_LINE_BYTES", 2000)
    log = log_of(3)
    log.write(tmp_path, [*log.lines(), b"x" * 5000])
    report = verify_directory(tmp_path)
    assert What.MALFORMED_ROW in found(report)
    assert report.entries == 6


def test_row_with_hash_reads_back_when_written():
    log = log_of(2)
    line = jsonl_row(0, log.leaves[0], log.salts[0], log.bodies[0], digest=bytes(32))
    assert [what for what, _ in check(line).problems] == [What.STORED_HASH]
