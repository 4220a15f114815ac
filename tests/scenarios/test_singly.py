"""A batch that fails as a whole is taken one input at a time, and that is told."""

from structlog.testing import capture_logs

from integration.services.desk import Desk
from tests.differential import run, test_pack
from tests.oracle.histories import history


def test_it_is_told_when_a_batch_has_to_be_taken_singly(monkeypatch):
    # because a fault of ours that only a whole batch shows would otherwise stay hidden
    whole, accept = [], Desk.accept

    def failing_once(desk, received, now):
        if not whole:
            whole.append(received.event.id)
            raise KeyError(received.event.id)
        accept(desk, received, now)

    monkeypatch.setattr(Desk, "accept", failing_once)
    with capture_logs() as told:
        _, tally = run(history(1), test_pack())
    assert [(each["event"], each["error"]) for each in told] == [("batch.taken_singly", "KeyError")]
    assert "cannot_process" not in tally.reasons
    assert whole[0] not in str(told)
