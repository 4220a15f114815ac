"""Older versions of a type are read as the newest; newer ones are refused by name and can be taken in later."""

import orjson
import pytest

from schemas.events import NEWEST, parse
from schemas.refusals import InvalidEventError, Reason
from schemas.upcast import UPCASTERS, newest_of, split, to_newest
from tests.connectors.running import Site
from tests.connectors.test_beside import take

OLD = {
    "specversion": "1.0",
    "id": "e-1",
    "source": "/jms/example-county",
    "type": "jail.hold.lifted.v0",
    "subject": "B-1",
    "time": "2026-03-02T09:00:00Z",
    "data": {"hold": "h-1", "why": "dropped", "citizenship": "canary"},
    "traceparent": "00-1",
}


def as_first_version(content):
    """What version 0 called `hold` and `why` is `hold_id` and `reason` in version 1."""
    data = content["data"]
    content["data"] = {"hold_id": data["hold"], "reason": data.get("why")}
    return content


@pytest.fixture
def earlier(monkeypatch):
    """A version before the first, so that the way through the models is the real one."""
    monkeypatch.setitem(UPCASTERS, ("jail.hold.lifted", 0), as_first_version)


def test_older_version_is_read_as_the_newest_when_there_is_a_step(earlier):
    received = parse(orjson.dumps(OLD))
    assert received.event.data.hold_id == "h-1"
    assert (received.event.type, received.received_as) == ("jail.hold.lifted.v1", "jail.hold.lifted.v0")
    assert received.content["data"] == {"hold_id": "h-1", "reason": "dropped"}
    assert (received.stripped, "traceparent" in received.content) == (("citizenship",), False)


def test_nothing_is_lifted_when_the_version_is_the_newest():
    received = parse(orjson.dumps({**OLD, "type": "jail.hold.lifted.v1", "data": {"hold_id": "h-1"}}))
    assert received.received_as is None


def test_duplicate_stays_one_when_the_step_itself_changes(monkeypatch):
    monkeypatch.setitem(UPCASTERS, ("jail.hold.lifted", 0), as_first_version)
    before = parse(orjson.dumps(OLD)).digest
    monkeypatch.setitem(UPCASTERS, ("jail.hold.lifted", 0), lambda old: {**as_first_version(old), "time": OLD["time"]})
    assert parse(orjson.dumps(dict(reversed(OLD.items())))).digest == before, "compared as it was sent"


REFUSED = [
    ({"type": "jail.hold.lifted.v2"}, Reason.NEWER_VERSION, "version 2; this program reads jail.hold.lifted up to ver"),
    ({"type": "jail.hold.lifted.v9999"}, Reason.NEWER_VERSION, "a version of later times"),
    ({"data": {"why": "no hold"}}, Reason.CANNOT_UPCAST, "version 0 always named the hold"),
    ({"data": None}, Reason.CANNOT_UPCAST, "nothing to lift"),
    ({"data": {"hold": 7}}, Reason.WRONG_TYPE, "lifted, and then refused by the newest model"),
    ({"type": "jail.hold.moved.v7"}, Reason.UNKNOWN_TYPE, "no type of ours in any version"),
    ({"type": "jail.hold.lifted"}, Reason.UNKNOWN_TYPE, "no version"),
    ({"type": "jail.hold.lifted.v01x"}, Reason.UNKNOWN_TYPE, "no version either"),
    ({"type": "jail.booking.opened.v0"}, Reason.UNKNOWN_TYPE, "an older one that no step reads"),
    ({"type": 3}, Reason.UNKNOWN_TYPE, "no text"),
]


@pytest.mark.parametrize(("changed", "reason", "because"), REFUSED, ids=[case[2] for case in REFUSED])
def test_event_is_refused_by_its_reason_when_its_version_cannot_be_read(earlier, changed, reason, because):
    with pytest.raises(InvalidEventError) as refused:
        parse(orjson.dumps({**OLD, **changed}))
    assert refused.value.reason is reason, because
    assert "canary" not in refused.value.message


def test_each_step_is_taken_in_turn_when_an_event_is_several_versions_old():
    steps = {
        ("a.b", at): lambda old, at=at: {**old, "data": {"steps": [*old["data"]["steps"], at]}} for at in range(1, 4)
    }
    old = {"type": "a.b.v2", "data": {"steps": []}}
    assert to_newest(old, {"a.b": 4}, steps) == {"type": "a.b.v4", "data": {"steps": [2, 3]}}
    assert old == {"type": "a.b.v2", "data": {"steps": []}}, "what came in stays as it is"


def test_every_step_leads_to_a_version_that_the_models_know():
    assert len(NEWEST) == 24
    assert newest_of(["a.v1", "a.v3", "b.v2"]) == {"a": 3, "b": 2}
    assert split("jail.hold.lifted.v1") == ("jail.hold.lifted", 1)
    for name, at in UPCASTERS:
        assert at < NEWEST[name]
        assert all((name, later) in UPCASTERS for later in range(at, NEWEST[name])), "a step is missing on the way"


def test_log_tells_what_was_sent_when_an_older_version_was_lifted(earlier, tmp_path):
    from integration.bootstrap import connect_ports
    from integration.clock import WallClock
    from integration.services.intake import Input

    site = Site(tmp_path, "")
    with site.opened() as installation:
        ports = connect_ports(installation, WallClock())
        first = take(ports, Input("1", orjson.dumps(OLD)))
        second = take(ports, Input("2", orjson.dumps(OLD)))
    assert (first.accepted, second.duplicates) == (1, 1)
    [(body,)] = site.ask("SELECT body FROM entries WHERE kind = 'event.accepted'")
    detail = orjson.loads(body)["detail"]
    assert (detail["type"], detail["received_as"]) == ("jail.hold.lifted.v1", "jail.hold.lifted.v0")
    assert detail["data"] == {"hold_id": "h-1"}


def test_newer_version_waits_for_the_upgrade_when_it_was_refused(tmp_path, monkeypatch):
    from integration.bootstrap import connect_ports
    from integration.clock import WallClock
    from integration.runners import resubmitting
    from integration.services.intake import Input

    newer = {**OLD, "type": "jail.hold.lifted.v2", "data": {"hold_id": "h-1"}}
    site = Site(tmp_path, "")
    with site.opened() as installation:
        refused = take(connect_ports(installation, WallClock()), Input("1", orjson.dumps(newer)))
        assert refused.reasons == {"newer_version": 1}
        (letter,) = installation.records.dead_letters(waiting_only=True)
        # An upgrade whose models know version 2; here the same model stands in for it.
        monkeypatch.setitem(NEWEST, "jail.hold.lifted", 2)
        monkeypatch.setattr(
            "schemas.upcast.to_newest", lambda content, _newest: {**content, "type": content["type"][:-1] + "1"}
        )
        told = resubmitting.resubmit(letter, resubmitting.open_intake(installation), installation, "officer:ray")
    assert told["outcome"] == "accepted"
