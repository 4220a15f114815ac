"""Several workers on one PostgreSQL: raced in threads, stopped in the middle of a transaction, fenced off."""

import random
import threading

import orjson
import pytest
from sqlalchemy import create_engine

from integration.bootstrap import open_desk
from integration.domain.instants import NEVER
from integration.errors import FencedError, StaleReadError
from integration.policy.pack import Pack
from integration.runners.replay import SimulatedClock, replay
from integration.services.desk import Owns
from integration.services.intake import Input, Intake
from integration.services.ports import EventKey, PositionRow
from integration.store.queries import Records
from integration.store.sequencing import SqlSequencing
from tests.differential import listed, moment, test_pack
from tests.oracle.cases import ev, hold
from tests.oracle.histories import PARAMS
from tests.oracle.oracle import judge
from tests.scenarios.laws import DAY, drawn, goes_round, inputs_of, recorded_at
from tests.store.racing import (
    accounted,
    misjudged,
    part_of,
    sequence_all,
    shares,
    taken_in,
    tangled,
    worker_desk,
)
from tests.store.servers import child, go_on, is_stopped, opened, race_threads, until, wrong_in_database


@pytest.fixture(scope="module")
def pack() -> Pack:
    return test_pack()


def held_to_account(url: str, events: list, pack: Pack, now: int) -> str:
    """What does not hold in a database after several workers took a history in."""
    store = opened(url)
    try:
        said = wrong_in_database(store)
        sequence_all(SqlSequencing(store))
        records = Records(store.engine)
        findings = list(records.findings())
        said = said or wrong_in_database(store) or accounted(events, records.entries())
        keys = [(event["source"], event["id"]) for event in events]
        inbox = store.seen([EventKey(*key) for key in keys])
        numbers = {(e["source"], n) for e in events for n in (e["subject"], e["data"].get("into", e["subject"]))}
        said = said or misjudged(list(store.bookings(list(numbers))), findings, pack, now)
        if not said and not goes_round(events):
            theirs = judge(taken_in(events, inbox), PARAMS, moment(now))
            said = "" if listed(findings) == theirs else "other findings than the oracle's"
        return str(said or "")
    finally:
        store.close()


@pytest.mark.parametrize("seed", range(12))
def test_workers_in_threads_end_where_one_does_when_they_share_a_history(seed, server, pack):
    events, dice = (drawn if seed % 3 == 0 else tangled)(seed), random.Random(seed)
    now = max(map(recorded_at, events)) + dice.randrange(DAY)
    url = server.new_database()
    race_threads(url, events, pack, now, dice=dice, writers=2 + seed % 2)
    assert not held_to_account(url, events, pack, now)


def apart(seeds: range) -> list:
    """Lives of bookings that nothing ties together, in the order of their recorded times, which are all different."""
    tying = {"jail.booking.moved.v1", "jail.event.retracted.v1"}
    lives = [{**event, "subject": f"{seed}-{event['subject']}"} for seed in seeds for event in drawn(seed)]
    by_time = {recorded_at(event): event for event in lives if event["type"] not in tying}
    return [{**event, "id": f"x{number}"} for number, (_, event) in enumerate(sorted(by_time.items()))]


def owner(part: int, parts: int) -> Owns:
    return lambda key: part_of(key.number, parts) == part


def test_workers_in_recorded_time_write_what_a_replay_writes_when_bookings_are_apart(server, pack):
    # because then nothing depends on who is first: entries, findings and decisions are the same, one by one
    events = apart(range(20, 32))
    until_then = recorded_at(events[-1]) + 3 * DAY
    one, many = opened(server.new_database()), opened(server.new_database())
    alone = open_desk(one, lambda _source, _at: pack, place="worker")
    replay(inputs_of(events), alone, until=until_then)
    parts = 4
    dealt = shares(events, parts, random.Random(1), by_booking=True)
    assert all(dealt)
    desks = [
        worker_desk(many, pack, owns=lambda key, part=part: part_of(key.number, parts) == part) for part in range(parts)
    ]
    waiting = [(desk, SimulatedClock(), list(share)) for desk, share in zip(desks, dealt, strict=True)]
    dice = random.Random(2)
    while waiting := [each for each in waiting if each[2]]:
        desk, clock, share = dice.choice(waiting)
        batch, share[:] = share[:7], share[7:]
        Intake(desk).take(batch, clock, pass_time=lambda now, desk=desk: desk.advance(now - 1))
    for desk in desks:
        desk.advance(until_then)
        desk.commit()
    sequence_all(SqlSequencing(many))
    ours, theirs = Records(many.engine), Records(one.engine)
    assert list(ours.findings()) == list(theirs.findings())
    assert list(ours.decisions()) == list(theirs.decisions())
    assert sorted(row.body for row in ours.entries()) == sorted(row.body for row in theirs.entries())
    assert not wrong_in_database(many)
    assert {row.status for row in ours.findings()} >= {"resolved", "open"}
    one.close()
    many.close()


# -- a retraction and its target at once -------------------------------------------------------------------------------

TARGET = {"id": "e1", **hold(1, "H", "immigration_detainer")}
RETRACTION = {"id": "r1", **ev("event.retracted", 2, subject="B2", retracts="e1")}
"""Under another booking number: else the case file would be written by both, and its version would tell."""


@pytest.mark.parametrize("first", [TARGET, RETRACTION], ids=["target-first", "retraction-first"])
def test_the_second_waits_and_runs_again_when_a_retraction_meets_its_target(first, server, pack):
    url = server.new_database()
    second = RETRACTION if first is TARGET else TARGET
    inside, told = threading.Event(), []
    stores = [opened(url), opened(url)]
    read_again, commit = stores[0]._write._read_again, stores[1].commit

    def holding(connection, changes):
        read_again(connection, changes)
        inside.set()
        until(lambda: locks_waited_for(url) == 1, "the second to wait for the first")

    def telling(changes):
        try:
            commit(changes)
        except StaleReadError as error:
            told.append(str(error))
            raise

    stores[1].commit = telling  # type: ignore[method-assign]
    work = [(stores[0], {"id": "e0", **ev("booking.opened", 0)}), (stores[0], first), (stores[1], second)]

    def take(store, event):
        Intake(worker_desk(store, pack)).take(
            [Input("t", orjson.dumps(event))], lambda _event: 2 * 10**15, pass_time=lambda _now: None
        )

    take(*work[0])
    stores[0]._write._read_again = holding
    thread = threading.Thread(target=take, args=work[1])
    thread.start()
    assert inside.wait(60)
    take(*work[2])
    thread.join(60)
    assert len(told) == 1
    events = [event for _, event in work]
    assert not held_to_account(url, events, pack, 2 * 10**15)
    for store in stores:
        store.close()


def locks_waited_for(url: str) -> int:
    engine = create_engine(url)
    with engine.connect() as connection:
        waits = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
        count = connection.exec_driver_sql(waits).scalar_one()
    engine.dispose()
    return int(count)


# -- two batches that tell of one thing --------------------------------------------------------------------------------


def asked(number: int, hour: float, reach: str) -> Input:
    """A message with an id that two bookings use: there is one decision on record, the last one told."""
    data = {"message_id": "M", "channel": "fax", "sender": {"user": "desk"}, "recipients": [{"agency": reach}]}
    event = ev("message.requested", hour, subject=f"B{number}", content={"hearing": "arraignment"}, **data)
    return Input("t", orjson.dumps({"id": f"m{number}", **event}))


def test_the_log_tells_last_what_is_on_record_when_two_batches_write_the_same_decision(server, pack):
    url = server.new_database()
    stores = [opened(url), opened(url)]
    desks = [worker_desk(store, pack) for store in stores]

    def take(which: int, given: Input) -> None:
        Intake(desks[which]).take([given], lambda _event: 10**15, pass_time=lambda _now: None)

    write = stores[0]._write._decisions

    def after_the_other(connection, rows):
        take(1, asked(2, 2, "54-A District Court"))
        return write(connection, rows)

    stores[0]._write._decisions = after_the_other
    take(0, asked(1, 1, "ICE"))
    assert not wrong_in_database(stores[0])
    assert [row.booking for row in Records(stores[0].engine).decisions()] == ["B1"]
    for store in stores:
        store.close()


def test_the_log_verifies_when_a_finding_falls_due_after_the_last_year_of_input(server, pack):
    # because what is raised in 2200 was not readable where input of 2200 is refused
    store = opened(server.new_database())
    events = [ev("booking.opened", 0), hold(0, "D", "immigration_detainer")]
    inputs = [
        Input("t", orjson.dumps({"id": f"e{at}", **event, "time": "2199-12-31T23:59:59Z"}))
        for at, event in enumerate(events)
    ]
    desk = worker_desk(store, pack)
    Intake(desk).take(inputs, SimulatedClock(), pass_time=lambda _now: None)
    desk.advance(NEVER // 2)
    desk.commit()
    last = max(row.at for row in Records(store.engine).unsequenced())
    assert moment(last).year >= 2200
    assert not wrong_in_database(store)
    sequence_all(SqlSequencing(store))
    assert not wrong_in_database(store)
    store.close()


# -- a worker that stops without dying ---------------------------------------------------------------------------------

FREEZES = """
import os, signal, sys
from integration.store import database
database._SILENCE = "2s"
from integration.errors import TransientError
from integration.runners.replay import SimulatedClock, replay
from integration.services.desk import Owns
from integration.services.intake import Input, Intake
from integration.services.ports import PositionRow
from integration.store import writing
from tests.scenarios.laws import drawn, inputs_of
from tests.differential import test_pack
from tests.store.racing import worker_desk
from tests.store.servers import opened

url, where = sys.argv[1:]
store = opened(url)
epoch, start = store.claim("t", 0, "first")
inputs = inputs_of(drawn(3))

def stop():
    os.kill(os.getpid(), signal.SIGSTOP)

if where == "in the transaction":
    real = store._write._outbox
    store._write._outbox = lambda connection, rows: (stop(), real(connection, rows))
desk = worker_desk(store, test_pack())
if where == "before the commit":
    real = store.commit
    store.commit = lambda changes: (stop(), real(changes))
try:
    Intake(desk).take(inputs, lambda _event: 10**15, pass_time=lambda _now: None,
                      positions=[PositionRow("t", 0, epoch, 0, len(inputs))])
except TransientError as error:
    print(type(error).__name__)
else:
    print("committed")
"""


@pytest.mark.parametrize("where", ["in the transaction", "before the commit"])
def test_a_stopped_worker_writes_nothing_when_another_took_its_partition(where, server, pack):
    url = server.new_database()
    store = opened(url)
    stopped = child(FREEZES, url, where)
    try:
        until(lambda: is_stopped(stopped), "the worker to stop")
        claim = store.claim("t", 0, "second")  # Waits for the server to end the transaction of the first.
        assert claim == (2, None)
        inputs = inputs_of(drawn(3))[:5]
        row = PositionRow("t", 0, claim.epoch, 0, 5)
        desk = worker_desk(store, pack)
        Intake(desk).take(inputs, lambda _event: NEVER // 2**20, pass_time=lambda _now: None, positions=[row])
        told = go_on(stopped)
    finally:
        stopped.kill()
        stopped.wait()
    assert told in {"TransientError", "FencedError"}
    assert (told == "FencedError") == (where == "before the commit")
    records = Records(store.engine)
    assert records.counts()["events"] == 5
    assert not wrong_in_database(store)
    assert [(each.next_offset, each.epoch, each.owner) for each in records.positions()] == [(5, 2, "second")]
    store.close()


def test_a_fenced_worker_goes_on_when_it_claims_again(server, pack):
    store = opened(server.new_database())
    inputs, desk = inputs_of(drawn(4)), worker_desk(store, pack)

    def take(first: int, last: int, epoch: int) -> None:
        row = PositionRow("t", 0, epoch, first, last)
        Intake(desk).take(inputs[first:last], lambda _event: 10**15, pass_time=lambda _now: None, positions=[row])

    mine = store.claim("t", 0, "me")
    take(0, 4, mine.epoch)
    store.claim("t", 0, "you")
    with pytest.raises(FencedError):
        take(4, 8, mine.epoch)
    assert Records(store.engine).counts()["events"] <= 4
    again = store.claim("t", 0, "me")
    assert again.next_offset == 4
    take(4, len(inputs), again.epoch)
    assert not wrong_in_database(store)
    assert store.claim("t", 0, "me").next_offset == len(inputs)
    store.close()
