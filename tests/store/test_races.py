"""Several writers on one store end where one does: whatever the order in which their reads and commits fall."""

import random
from collections import Counter

import pytest

from integration.policy.pack import Pack
from tests.differential import moment, test_pack
from tests.oracle.histories import PARAMS
from tests.oracle.oracle import judge
from tests.scenarios.laws import DAY, Events, drawn, found, goes_round, recorded_at
from tests.store.racing import (
    accounted,
    kept_in_memory,
    misjudged,
    raced,
    root_of,
    sequence_all,
    taken_in,
    tangled,
    wrong_in,
)


@pytest.fixture(scope="module")
def pack() -> Pack:
    return test_pack()


def broken(events: Events, seed: int, pack: Pack, *, by_booking: bool) -> tuple[str, Counter[str]]:
    """What does not hold after two writers have raced through a history, and what was stale on the way."""
    dice = random.Random(seed)
    now = max(map(recorded_at, events)) + dice.randrange(DAY)
    store, stale = raced(events, pack, now, dice, by_booking=by_booking)
    said = wrong_in(kept_in_memory(store), root_of(store))
    sequence_all(store)
    said = said or wrong_in(kept_in_memory(store), root_of(store)) or accounted(events, iter(store.entries))
    said = said or misjudged(list(store.booking_rows.values()), list(store.findings.values()), pack, now)
    if not said and not goes_round(events):
        theirs = judge(taken_in(events, store.inbox), PARAMS, moment(now))
        said = "" if found(store) == theirs else "other findings than the oracle's"
    return str(said or ""), stale


@pytest.mark.parametrize("by_booking", [True, False], ids=["by-booking", "at-random"])
@pytest.mark.parametrize(("history", "seeds"), [(drawn, 60), (tangled, 500)], ids=["drawn", "tangled"])
def test_two_writers_end_where_one_does_when_every_call_may_be_raced(history, seeds, by_booking, pack):
    said, stale = {}, Counter()
    for seed in range(seeds):
        each, met = broken(history(seed), seed, pack, by_booking=by_booking)
        stale += met
        if each:
            said[seed] = each
    assert not said
    # because races that never meet would prove nothing
    assert stale["a booking was changed meanwhile"] > 10
    if history is tangled and not by_booking:
        assert stale["an event was retracted meanwhile"] > 10
        assert stale["an event is in the inbox already"] > 10
