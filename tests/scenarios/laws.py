"""The laws of section 4 as checks of one random history: each returns what is wrong, or an empty text."""

import random
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from typing import Any

import orjson

from integration.audit.merkle import Tree
from integration.policy.pack import Pack
from integration.runners.replay import SimulatedClock
from integration.services.desk import Desk
from integration.services.intake import Input, Intake, Tally
from integration.services.ports import FindingRow, Store
from integration.services.recorder import Recorder, salts_of_content
from tests.differential import SECOND, listed, moment, run, taken_by
from tests.memory_store import MemoryStore
from tests.oracle.arrival import taken_in, told_at
from tests.oracle.histories import PARAMS, history, wide
from tests.oracle.oracle import instant, judge

Events = list[dict[str, Any]]
DAY = 24 * 3600 * SECOND
FAR = 10**16
"""Microseconds since 1970: long after the last time that an event may carry."""
ALLOWANCES = tuple(
    PARAMS[name] for name in ("release_processing_detainer", "release_processing_other", "notice_within")
)
"""Seconds."""


def inputs_of(events: Events) -> list[Input]:
    return [Input(f"history:{number}", orjson.dumps(event)) for number, event in enumerate(events, start=1)]


def desk_over(store: Store, pack: Pack) -> Desk:
    tree = Tree.restore(store.tree_size(), store.tile)
    return Desk(store, Recorder(tree, salts_of_content), lambda _source, _at: pack, place="replay")


def cut(inputs: Sequence[Input], sizes: Callable[[], int]) -> Iterator[Sequence[Input]]:
    at = 0
    while at < len(inputs):
        size = sizes()
        yield inputs[at : at + size]
        at += size


def staged(events: Events, pack: Pack, sizes: Callable[[], int], *, store: Store, restart: bool = False) -> Tally:
    """A replay in batches of any size; with ``restart``, each batch is taken by a new desk over the same store."""
    clock, tally, desk = SimulatedClock(), Tally(), desk_over(store, pack)
    for batch in cut(inputs_of(events), sizes):
        if restart:
            desk = desk_over(store, pack)
        tally.add(Intake(desk).take(batch, clock, pass_time=lambda now, desk=desk: desk.advance(now - 1)))
    desk.advance(clock.now)
    desk.commit()
    return tally


def as_served(events: Events, pack: Pack, sizes: Callable[[], int], *, store: Store, until: int = 0) -> None:
    """As the service does it: one reading of the clock a batch, deadlines after it, told at the time of the clock."""
    simulated, desk = SimulatedClock(), desk_over(store, pack)
    for batch in cut(inputs_of(events), sizes):
        for event in batch:
            simulated.now = max(simulated.now, recorded_at(orjson.loads(event.raw)))
        now = simulated.now
        Intake(desk).take(batch, lambda _event, now=now: now, pass_time=lambda _now: None)
        desk.advance(now, at=now)
        desk.commit()
    now = max(simulated.now, until)
    desk.advance(now, at=now)
    desk.commit()


def all_known_at(events: Events, pack: Pack, now: int) -> MemoryStore:
    """Every event taken in while the clock stands at ``now``, be it before or after they were recorded."""
    store = MemoryStore()
    desk = desk_over(store, pack)
    Intake(desk).take(inputs_of(events), lambda _event: now, pass_time=lambda _now: None)
    return store


def recorded_at(event: dict[str, Any]) -> int:
    return (instant(event.get("recordedtime") or event["time"]) - moment(0)) // timedelta(microseconds=1)


def goes_round(events: Events) -> bool:
    """Whether any moves, counting or not, make a circle: which of them is refused depends on what is there first."""
    onward: dict[tuple[str, str], set[tuple[str, str]]] = {}
    for event in events:
        if event["type"] == "jail.booking.moved.v1" and event["data"]["into"] != event["subject"]:
            source = event["source"]
            onward.setdefault((source, event["subject"]), set()).add((source, event["data"]["into"]))
    for start, first in onward.items():
        reached, level = set[tuple[str, str]](), first
        while level:
            reached |= level
            level = {to for each in level for to in onward.get(each, ())} - reached
        if start in reached:
            return True
    return False


def shuffled(events: Events, dice: random.Random) -> Events:
    """Another order, in which at least a third of the events come twice."""
    again = [*events, *dice.sample(events, len(events) // 3 + 1)]
    dice.shuffle(again)
    return again


def found(store: MemoryStore) -> list[dict[str, Any]]:
    return listed(list(store.findings.values()))


def standing(store: MemoryStore) -> dict[str, FindingRow]:
    """Everything said of each finding that stands, evidence and all; only when it was raised tells the history."""
    rows = (row for row in store.findings.values() if row.status != "withdrawn")
    return {row.finding_id: row._replace(raised_at=0) for row in rows}


# -- the laws ---------------------------------------------------------------------------------------------------------


def law_oracle(events: Events, pack: Pack, dice: random.Random) -> str:
    """The pipeline says what the independent reading of the contract says, at the end and later."""
    store, _ = run(events, pack)
    taken, last = taken_by(store, events), max(map(recorded_at, events))
    if found(store) != judge(taken, PARAMS, moment(last)):
        return "differs from the oracle at the end"
    until = last + dice.randrange(10 * DAY)
    store, _ = run(events, pack, until=until)
    return "" if found(store) == judge(taken, PARAMS, moment(until)) else f"differs from the oracle at {until}"


def boundaries(events: Events) -> list[int]:
    """The instants at which anything begins, ends or is to be raised; and when each event is known."""
    found = {recorded_at(event) for event in events}
    for row in judge(events, PARAMS, moment(FAR)):
        since = recorded_at({"time": row["since"]})
        found |= {since, *(since + allowance * SECOND for allowance in ALLOWANCES)}
        if row["until"] is not None:
            found.add(recorded_at({"time": row["until"]}))
    return sorted(found)


def law_any_time(events: Events, pack: Pack, dice: random.Random) -> str:
    """At any current time, each of the events known, the findings are those of the oracle at that time.

    Asked just before, at and just after an instant at which the answer changes, and somewhere else.
    """
    at = dice.choice(boundaries(events))
    for now in (at - 1, at, at + 1, at + dice.randrange(DAY)):
        store = all_known_at(events, pack, now)
        if found(store) != judge(taken_by(store, events), PARAMS, moment(now)):
            return f"differs from the oracle at {now}"
    return ""


def law_refusals(events: Events, pack: Pack, _dice: random.Random) -> str:
    """Every event is taken in once, but for a move that closes a circle as it comes."""
    store, _ = run(events, pack)
    expected = {(event["source"], event["id"]) for event in taken_in(events)}
    taken = {(event["source"], event["id"]) for event in events} & set(store.inbox)
    return "" if taken == expected else f"others are refused: {sorted(expected ^ taken)}"


def law_told(events: Events, pack: Pack, _dice: random.Random) -> str:
    """Each finding is raised at its exact instant; nothing else is ever raised; what is no longer true is withdrawn."""
    store, _ = run(events, pack)
    expected = told_at(events, PARAMS)
    ours = {row.finding_id: (moment(row.raised_at), row.status != "withdrawn") for row in store.findings.values()}
    if expected == ours:
        return ""
    names = {key: (expected.get(key), ours.get(key)) for key in expected | ours if expected.get(key) != ours.get(key)}
    return f"told otherwise: {names}"


def law_order(events: Events, pack: Pack, dice: random.Random) -> str:
    """Order, duplicates and batches change nothing in the open and resolved findings, nor in what they rest on."""
    store, _ = run(events, pack)
    other = MemoryStore()
    staged(shuffled(events, dice), pack, lambda: dice.randrange(1, 9), store=other)
    return "" if standing(store) == standing(other) else "another order gives other findings"


def law_restart(events: Events, pack: Pack, dice: random.Random) -> str:
    """A restart between any two batches changes not one byte of the log."""
    one, other = MemoryStore(), MemoryStore()
    sizes = [dice.randrange(1, 7) for _ in events]
    staged(events, pack, iter(sizes).__next__, store=one)
    staged(events, pack, iter(sizes).__next__, store=other, restart=True)
    if one.entries != other.entries:
        return "a restart changes the log"
    same = one.findings == other.findings and one.decisions == other.decisions and one.outbox == other.outbox
    return "" if same else "a restart changes findings, decisions or outbox"


def law_served(events: Events, pack: Pack, dice: random.Random) -> str:
    """The service, which reads a clock once a batch, ends where a replay ends."""
    store, _ = run(events, pack)
    other = MemoryStore()
    as_served(events, pack, lambda: dice.randrange(1, 9), store=other)
    return "" if standing(store) == standing(other) else "the service's way of keeping time gives other findings"


Law = Callable[[Events, Pack, random.Random], str]
LAWS: tuple[Law, ...] = (
    law_oracle,
    law_any_time,
    law_refusals,
    law_told,
    law_order,
    law_restart,
    law_served,
)
ORDER_FREE: tuple[Law, ...] = (law_order,)
"""Laws that let every order of arrival be. Where moves go round, which of them is refused depends on it."""


def drawn(seed: int) -> Events:
    """The history of a seed: one to five bookings, a dozen to sixty events. Every fourth tells ordinary lives."""
    dice = random.Random(seed)
    make = wide if seed % 4 else history
    return make(seed, bookings=dice.choice((1, 2, 3, 5)), size=dice.choice((12, 25, 40, 60)))


def broken_by(seed: int, pack: Pack, laws: Sequence[Law] = LAWS) -> str:
    """Hold one history to some laws; the name of the first it breaks, or an empty text."""
    events = drawn(seed)
    round_about = goes_round(events)
    for law in laws:
        if round_about and law in ORDER_FREE:
            continue
        if said := law(events, pack, random.Random(seed)):
            return f"{law.__name__}: {said}"
    return ""
