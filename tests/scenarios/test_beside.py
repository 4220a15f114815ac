"""A service whose log others extend while it works: the gate, alerting, people at the console."""

import pytest

from integration.audit.merkle import Tree
from integration.bootstrap import open_desk
from integration.services.auditing import AuditDesk
from integration.services.desk import Desk
from integration.services.intake import Intake
from tests.differential import test_pack
from tests.memory_store import MemoryStore
from tests.scenarios.laws import drawn, inputs_of

NOW = 2 * 10**15


class Raced(MemoryStore):
    """Lets somebody write between a desk's look at the log and its commit."""

    def __init__(self, kind: str, times: int) -> None:
        super().__init__()
        self.kind, self.times = kind, times
        self.commits = 0

    def commit(self, changes):
        if self.times and changes.inbox:
            self.times -= 1
            other = AuditDesk(self, place="gate", now=lambda: NOW)
            other.write(lambda: ([other.entry(self.kind, "done", "gate", {})], type(changes)()))
        self.commits += 1
        super().commit(changes)


def taken(store):
    desk = open_desk(store, lambda _source, _at: test_pack(), place="w")
    events = drawn(11)
    tally = Intake(desk).take(inputs_of(events), lambda _event: NOW, pass_time=lambda _now: None)
    return tally, desk


def whole(store):
    """The log's hashes as a tree of its entries gives them, and places without a gap."""
    tree = Tree()
    for row in store.entries:
        tree.append(row.leaf_hash)
    assert [row.leaf_index for row in store.entries] == list(range(len(store.entries)))
    restored = Tree.restore(store.tree_size(), store.tile)
    return restored.root() == tree.root()


@pytest.fixture
def forgotten(monkeypatch):
    """How often a desk threw its work away."""
    times = []
    forget = Desk.forget
    monkeypatch.setattr(Desk, "forget", lambda desk: (times.append(1), forget(desk))[1])
    return times


@pytest.mark.parametrize("times", [1, 5])
def test_a_batch_is_committed_behind_what_the_gate_wrote_when_it_lost_the_race(times, forgotten):
    store, alone = Raced("message.sent", times), MemoryStore()
    tally, desk = taken(store)
    assert (tally, desk.size) == (taken(alone)[0], len(alone.entries) + times)
    assert store.findings == alone.findings
    assert [row.body for row in store.entries if row.kind != "message.sent"] == [row.body for row in alone.entries]
    assert whole(store)
    assert not forgotten


@pytest.mark.parametrize("kind", ["event.accepted", "finding.raised", "entry.sealed", "deadletter.resubmitted"])
def test_a_batch_is_worked_anew_when_somebody_wrote_what_it_had_read(kind, forgotten):
    store, alone = Raced(kind, 1), MemoryStore()
    tally, _ = taken(store)
    assert tally == taken(alone)[0]
    assert store.findings == alone.findings
    assert whole(store)
    assert forgotten
