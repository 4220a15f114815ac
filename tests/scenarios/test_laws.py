"""The laws of section 4 over the whole pipeline: thousands of random histories, and small tangled ones."""

import os
import random
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from datetime import datetime
from multiprocessing import get_context

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from integration.audit.entry import text_of
from integration.bootstrap import open_store
from integration.policy.pack import Pack
from integration.runners import output
from integration.runners.replay_files import replay_to
from integration.store.queries import Records
from integration.store.vault import Vault
from tests.differential import listed, run, test_pack
from tests.memory_store import MemoryStore
from tests.oracle.cases import at, ev, hold, numbered, opened, released, retracted
from tests.oracle.histories import PARAMS
from tests.oracle.oracle import judge
from tests.prove import collected
from tests.scenarios.laws import (
    LAWS,
    Events,
    broken_by,
    drawn,
    found,
    goes_round,
    inputs_of,
    law_oracle,
    law_order,
    law_restart,
    law_told,
    staged,
)


@pytest.fixture(scope="module")
def pack() -> Pack:
    return test_pack()


@pytest.fixture(scope="module")
def processes() -> Iterator[Executor]:
    """As many as there are cores: a history takes one of them some milliseconds."""
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
        yield pool


@pytest.mark.slow
@pytest.mark.parametrize("chunk", range(20))
def test_nothing_is_missed_and_no_law_broken_when_histories_are_drawn_at_random(chunk, processes):
    # ten thousand are compared with the oracle; each fifth is held to every law
    held = collected(processes, chunk * 500, 500, laws_each=5)
    assert (held.missed, held.false, held.broken) == (0, 0, [])
    assert (held.histories, held.to_every_law, held.findings > 2500) == (500, 100, True)


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_a_law_holds_when_a_few_histories_are_drawn(law, pack):
    assert not [(seed, said) for seed in range(9000, 9020) if (said := broken_by(seed, pack, [law]))]


# -- small and tangled: moves and retractions that meet in every way ---------------------------------------------------

BOOKINGS = ("B1", "B2", "B3", "B4")
HOURS = st.sampled_from([0, 1, 2, 5])
NAMES = st.sampled_from(BOOKINGS)


def _moved(subject: str, into: str, hour: float) -> dict:
    return ev("booking.moved", hour, subject=subject, into=into)


SMALL = st.one_of(
    st.builds(lambda name, hour: opened(hour) | {"subject": name}, NAMES, HOURS),
    st.builds(lambda name, hour: hold(hour, "H", "agency_hold") | {"subject": name}, NAMES, HOURS),
    st.builds(lambda name, hour: hold(hour, "D", "immigration_detainer") | {"subject": name}, NAMES, HOURS),
    st.builds(lambda name, hour: released(hour) | {"subject": name}, NAMES, HOURS),
    st.builds(_moved, NAMES, NAMES, HOURS),
    st.builds(lambda name, hour, target: retracted(hour, target) | {"subject": name}, NAMES, HOURS, st.just("e1")),
)


@st.composite
def tangles(draw: st.DrawFn, *, with_status: bool) -> Events:
    events = numbered(tuple(draw(st.lists(SMALL, min_size=2, max_size=7))))
    for event in events:
        if event["type"] == "jail.event.retracted.v1":
            event["data"]["retracts"] = f"e{draw(st.integers(1, len(events)))}"
            if with_status and draw(st.booleans()):
                event["data"]["citizenship"] = "XX"
    last = {"id": "last", **opened(72), "subject": "B9"}
    return [*events, last]


SEARCH = settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow]
)


def _order_and_restarts_change_nothing(events: Events, seed: int) -> None:
    assume(not goes_round(events) and not any(event["subject"] == event["data"].get("into") for event in events))
    pack = test_pack()
    for law in (law_oracle, law_order, law_restart):
        assert not law(events, pack, random.Random(seed))


@SEARCH
@given(events=tangles(with_status=False), seed=st.integers(0, 50))
def test_order_and_restarts_change_nothing_when_moves_and_retractions_meet(events, seed):
    _order_and_restarts_change_nothing(events, seed)


@SEARCH
@given(events=tangles(with_status=True), seed=st.integers(0, 50))
def test_order_and_restarts_change_nothing_when_retractions_carry_status_information(events, seed):
    _order_and_restarts_change_nothing(events, seed)


def _late(*events: dict) -> Events:
    """Events by number, and one much later elsewhere, so that every deadline has passed."""
    return [*numbered(events), {"id": "last", **opened(72), "subject": "B9"}]


def test_facts_of_a_moved_booking_are_found_when_the_service_restarts_between_moves(pack):
    # because Y lives with X, and X moves to Z while nothing of Y is in memory
    events = _late(opened(0) | {"subject": "X"}, _moved("X", "Y", 1), _moved("Z", "X", 2))
    events += [{"id": "more", **hold(3, "A", "agency_hold"), "subject": "Y"}]
    store = MemoryStore()
    tally = staged(events, pack, lambda: 1, store=store, restart=True)
    assert (tally.refused, found(store)) == (0, judge(events, PARAMS))


def test_status_information_is_found_when_it_came_with_the_retraction_of_another_booking(pack):
    # because the retraction is filed with its target, and what else it says with its own booking
    kept = hold(0, "A", "agency_hold") | {"subject": "B2"}
    events = _late(opened(0), kept, ev("event.retracted", 1, subject="B2", retracts="e1", citizenship="XX"))
    store, _ = run(events, pack)
    assert [row["rule"] for row in found(store) if row["booking"] == "B2"] == ["status_information_received"]


def test_an_event_is_retracted_when_its_retraction_carries_status_information_too(pack):
    # because the two things that one event says are two facts with one id
    events = _late(opened(0), ev("event.retracted", 1, retracts="e1", citizenship="XX"))
    store, _ = run(events, pack)
    assert found(store) == judge(events, PARAMS)
    assert [row["rule"] for row in found(store) if row["booking"] == "B1"] == ["status_information_received"]


@pytest.mark.parametrize("seed", range(40, 70))
def test_the_log_is_the_same_when_hardly_anything_is_kept_in_memory(seed, pack, monkeypatch):
    # because a county's bookings do not fit: a case file, or only an alias of it, is read again when needed
    events, one, other = drawn(seed), MemoryStore(), MemoryStore()
    staged(events, pack, lambda: 2, store=one)
    monkeypatch.setattr("integration.services.cabinet._CACHED", 2)
    staged(events, pack, lambda: 2, store=other)
    assert other.entries == one.entries


def test_a_moved_booking_is_known_when_its_home_is_no_longer_in_memory(pack, monkeypatch):
    monkeypatch.setattr("integration.services.cabinet._CACHED", 2)
    events = _late(opened(0) | {"subject": "X"}, _moved("X", "Y", 1))
    events += [{"id": f"more{n}", **opened(73), "subject": f"C{n}"} for n in range(3)]
    events += [{"id": "end", **hold(0, "A", "agency_hold"), "subject": "Y"}]
    store = MemoryStore()
    tally = staged(events, pack, lambda: 1, store=store)
    assert (tally.refused, found(store)) == (0, judge(events, PARAMS))


@pytest.mark.parametrize("opening", [retracted(4, "e3"), _moved("B1", "B3", 5)], ids=["retracted", "moved again"])
def test_a_refused_move_counts_when_it_is_sent_again_after_the_circle_opened(opening, pack):
    # because a refused input never counts (section 1) until it is taken up again, and then like any other
    closing = {"id": "closing", **_moved("B2", "B1", 3)}
    events = _late(opened(0), opened(2) | {"subject": "B2"}, _moved("B1", "B2", 1), closing, opening)
    _, once = run(events, pack)
    assert (once.refused, once.reasons) == (1, {"move_cycle": 1})

    events.append(next(event for event in events if event["id"] == "closing"))
    store, again = run(events, pack)
    assert (again.refused, found(store)) == (1, judge(events, PARAMS))


def test_a_move_closes_no_circle_when_it_was_retracted_before_it_came(pack):
    # because a retracted event never counted; and once its retraction is retracted, it counts like any other
    taken_back = {"id": "taken back", **retracted(1, "closing")}
    closing = {"id": "closing", **_moved("B2", "B1", 3)}
    events = _late(opened(0), opened(2) | {"subject": "B2"}, _moved("B1", "B2", 1), taken_back, closing)
    store, tally = run(events, pack)
    assert (tally.refused, found(store)) == (0, judge(events, PARAMS))

    events += [{"id": "open", **retracted(4, "e3")}, {"id": "after all", **retracted(5, "taken back")}]
    store, tally = run(events, pack)
    assert (tally.refused, found(store)) == (0, judge(events, PARAMS))
    assert {row["booking"] for row in found(store)} == {"B1"}


@pytest.mark.parametrize("recorded", [71, 73], ids=["before the last event", "after it"])
def test_time_has_come_as_far_as_a_refused_move_was_recorded(recorded, pack):
    # because it is refused for what it says: that it was recorded is known; what it makes due is raised the sooner
    closing = {"id": "closing", **_moved("B2", "B1", 3), "recordedtime": at(recorded)}
    paper = hold(72.5, "D", "immigration_detainer") | {"subject": "B9"}
    events = [*_late(opened(0), _moved("B1", "B2", 1)), {"id": "paper", **paper}, closing]
    events[-2]["recordedtime"] = at(72.5)
    store, tally = run(events, pack)
    assert tally.reasons == {"move_cycle": 1}
    assert not law_told(events, pack, random.Random(0))
    assert found(store) == judge(events[:-1], PARAMS, datetime.fromisoformat(at(max(recorded, 72.5))))


# -- files and real databases ------------------------------------------------------------------------------------------


def test_outputs_are_the_same_bytes_when_the_input_is_the_same(tmp_path, pack):
    for seed in (1, 2, 3):
        told = [replay_to(tmp_path / f"{seed}-{turn}", inputs_of(drawn(seed)), pack) for turn in range(2)]
        assert told[0] == told[1]
        for name in (output.FINDINGS, output.DECISIONS, output.AUDIT):
            assert (tmp_path / f"{seed}-0" / name).read_bytes() == (tmp_path / f"{seed}-1" / name).read_bytes()


@pytest.mark.parametrize("seed", range(8))
def test_a_database_file_gives_what_memory_gives_when_restarted_between_batches(seed, tmp_path, pack):
    events, memory = drawn(seed), MemoryStore()
    staged(events, pack, lambda: 1 + seed, store=memory)
    url = f"sqlite:///{tmp_path / 'test.sqlite'}"
    store = open_store(url, Vault.throwaway(), durable=False)
    try:
        staged(events, pack, lambda: 1 + seed, store=store, restart=True)
        records = Records(store.engine)
        assert list(records.entries()) == memory.entries
        assert listed(list(records.findings())) == found(memory)
    finally:
        store.close()


def test_times_are_those_of_the_law_when_a_deadline_falls_between_events(pack):
    # because a replay fires each deadline at its exact instant: the detainer outlasts the due at 10
    events = _late(opened(0), hold(0, "C", "charge"), hold(0, "D", "immigration_detainer"), ev("bail.posted", 10))
    events[3]["data"]["covers_all"] = True
    store, _ = run(events, pack)
    raised = {row.rule: text_of(row.raised_at) for row in store.findings.values()}
    assert raised == {"overdue_detainer_hold": at(10), "release_approaching": at(10), "notice_not_served": at(24)}
