import json
from dataclasses import replace

import pytest

from integration.audit.checkpoint import sign_checkpoint
from integration.audit.entry import Entry, jsonl_row
from integration.audit.sealing import KIND, Logged, Order, SealingError, seal
from integration.audit.verify import What
from tests.audit.logs import KEY, ORIGIN, entry, found, log_of, make_log

ORDER = Order(
    authority="2026-CV-1187",
    actor="officer:records",
    at=1_795_400_000_000_000,
    source="/records",
    place="console@host1",
    pack="us-co",
    pack_revision="2026-03-01",
)


def logged(log, index):
    kind = json.loads(log.bodies[index])["kind"]
    return Logged(index, kind, log.leaves[index], log.salts[index], log.bodies[index])


def sealed_log(index=7, size=20):
    before = log_of(size)
    gone, record = seal(logged(before, index), ORDER)
    log = make_log([*(entry(number) for number in range(size)), record])
    lines = log.lines()
    lines[index] = jsonl_row(gone.index, gone.leaf, gone.salt, gone.body)
    return before, log, lines


def test_log_verifies_and_history_holds_when_entry_is_sealed():
    before, log, lines = sealed_log()
    report = log.verify(lines, earlier=[before.checkpoint])
    assert report.ok
    assert not report.notes
    assert before.bodies[7] not in b"".join(lines)
    assert log.hashes[:20] == before.hashes


def test_record_names_leaf_order_and_person_but_no_booking_when_sealed():
    _, record = seal(logged(log_of(10), 3), ORDER)
    assert (record.kind, record.actor, record.booking) == (KIND, "officer:records", "")
    assert record.detail == {"actor": "officer:records", "authority": "2026-CV-1187", "leaf_index": 3}


def test_record_holds_all_six_facts_and_the_entry_none_when_sealed():
    before = logged(log_of(10), 3)
    gone, record = seal(before, ORDER)
    assert gone == Logged(3, "", before.leaf, None, None)
    assert record == Entry(
        kind="entry.sealed",
        at=ORDER.at,
        source="/records",
        booking="",
        actor="officer:records",
        outcome="sealed",
        place="console@host1",
        pack="us-co",
        pack_revision="2026-03-01",
        detail={"actor": "officer:records", "authority": "2026-CV-1187", "leaf_index": 3},
    )


@pytest.mark.parametrize(("salt", "body"), [(None, b"{}"), (bytes(32), None)])
def test_sealing_is_refused_when_half_of_the_entry_is_gone(salt, body):
    with pytest.raises(SealingError, match="already"):
        seal(replace(logged(log_of(2), 1), salt=salt, body=body), ORDER)


def test_what_the_log_is_followed_by_is_never_sealed():
    # because without the entry that names a new key nobody who trusts the old one is led to it
    for kind in (KIND, "key.rotated"):
        with pytest.raises(SealingError, match="stays readable"):
            seal(replace(logged(log_of(2), 1), kind=kind), ORDER)


def test_missing_body_is_found_when_no_entry_seals_it():
    log = log_of(20)
    lines = log.lines()
    lines[7] = jsonl_row(7, log.leaves[7], None, None)
    report = log.verify(lines)
    assert [(p.what, p.index) for p in report.problems] == [(What.SEALED_WITHOUT_ENTRY, 7)]


def test_sealing_is_found_undone_when_body_is_there_again():
    _, log, _ = sealed_log()
    assert [(p.what, p.index) for p in log.verify(log.lines()).problems] == [(What.SEALED_STILL_READABLE, 7)]


def test_sealing_is_noted_when_no_checkpoint_covers_it_yet():
    before, log, lines = sealed_log()
    report = log.verify(lines, checkpoint=before.checkpoint)
    assert report.ok
    assert any("no checkpoint covers yet" in note for note in report.notes)
    assert "unanchored tail: 1 entries" in report.notes


def test_sealing_of_later_entry_is_found_when_log_is_verified():
    log = make_log([entry(0), entry(1, kind=KIND, detail={"leaf_index": 2, "authority": "x"}), entry(2)])
    assert found(log.verify(log.lines())) == {What.SEALS_NOTHING}
    log = make_log([entry(0), entry(1, kind=KIND, detail={"authority": "x"})])
    assert found(log.verify(log.lines())) == {What.MALFORMED_ENTRY}


@pytest.mark.parametrize("digests", [False, True])
def test_sealed_leaf_change_is_found_when_flipped(digests):
    _, log, lines = sealed_log()
    digest = log.hashes[7] if digests else None
    flipped = bytearray(log.leaves[7])
    flipped[40] = ord("0") if flipped[40] != ord("0") else ord("1")
    lines[7] = jsonl_row(7, bytes(flipped), None, None, digest=digest)
    hashes = b"".join(log.hashes)
    report = log.verify(lines)
    assert found(report) == ({What.ROOT, What.STORED_HASH} if digests else {What.ROOT})
    # The hashes a store keeps in its tiles locate it in either case; kept checkpoints narrow it down.
    located = log.verify(lines, stored=lambda number: hashes[number * 8192 :])
    assert (What.TILE, 7) in [(p.what, p.index) for p in located.problems]
    narrowed = log.verify(lines, earlier=[log.head(size) for size in (3, 6, 9, 15)])
    assert [(p.index, p.until) for p in narrowed.problems if p.what is What.ROOT] == [(6, 9)]


def test_sealing_is_refused_when_it_must_not_be():
    log = log_of(3)
    gone, record = seal(logged(log, 1), ORDER)
    with pytest.raises(SealingError, match="already"):
        seal(gone, ORDER)
    sealing = make_log([entry(0), record])
    with pytest.raises(SealingError, match="stays readable"):
        seal(logged(sealing, 1), ORDER)
    for order in (replace(ORDER, authority=""), replace(ORDER, actor="")):
        with pytest.raises(SealingError, match="authority"):
            seal(logged(log, 1), order)


def test_checkpoint_of_sealed_log_is_the_same_when_signed_before_or_after():
    _, log, _ = sealed_log()
    assert sign_checkpoint(ORIGIN, log.tree.size, log.tree.root(), KEY) == log.checkpoint
