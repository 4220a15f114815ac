"""A batch that fails as a whole is halved until what fails is alone, and that is told."""

import orjson
from structlog.testing import capture_logs

from integration.services.desk import Desk
from integration.services.intake import Input, Intake
from integration.services.ports import PositionRow
from tests.differential import run, test_pack
from tests.memory_store import MemoryStore
from tests.oracle.cases import ev
from tests.oracle.histories import history
from tests.store.racing import worker_desk


def test_it_is_told_when_a_batch_has_to_be_halved(monkeypatch):
    # because a fault of ours that only a whole batch shows would otherwise stay hidden
    whole, accept = [], Desk.accept

    def failing_once(desk, received, now, actor=""):
        if not whole:
            whole.append(received.event.id)
            raise KeyError(received.event.id)
        accept(desk, received, now, actor)

    monkeypatch.setattr(Desk, "accept", failing_once)
    with capture_logs() as told:
        _, tally = run(history(1), test_pack())
    assert [(each["event"], each["error"]) for each in told] == [("batch.halved", "KeyError")]
    assert "cannot_process" not in tally.reasons
    assert whole[0] not in str(told)


def test_a_few_transactions_are_enough_when_one_input_of_many_fails(monkeypatch):
    accept, commits = Desk.accept, []

    def failing(desk, received, now, actor=""):
        if received.event.id == "e700":
            raise KeyError(received.event.id)
        accept(desk, received, now, actor)

    monkeypatch.setattr(Desk, "accept", failing)
    store = MemoryStore()
    epoch = store.claim("t", 0, "me").epoch
    commit = store.commit
    monkeypatch.setattr(store, "commit", lambda changes: (commits.append(changes.positions), commit(changes)))
    events = [{"id": f"e{number}", **ev("booking.opened", 0, subject=f"B{number}")} for number in range(1000)]
    tally = Intake(worker_desk(store, test_pack())).take(
        [Input(f"t/0/{number}", orjson.dumps(event)) for number, event in enumerate(events)],
        lambda _event: 10**15,
        pass_time=lambda _now: None,
        positions=[PositionRow("t", 0, epoch, 0, 1000)],
    )
    assert (tally.accepted, tally.refused, tally.reasons) == (999, 1, {"cannot_process": 1})
    assert [refused.place for refused in store.refused] == ["t/0/700"]
    assert len(commits) <= 12
    # because a worker that dies between two of them has to begin at the same place again
    assert [after for ((_, _, _, _, after),) in commits] == [0] * (len(commits) - 1) + [1000]
