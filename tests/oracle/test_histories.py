"""The random histories: they keep the contract, and reach what they are there for."""

import random
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.oracle.histories import PARAMS, SCENES, history, wide
from tests.oracle.maker import FIRST, LAST, Maker, instants
from tests.oracle.oracle import instant, judge, moves_that_count, read, recorded, retracted_ids

Events = list[dict[str, Any]]
BOTH = pytest.mark.parametrize("make", [history, wide], ids=lambda make: make.__name__)


@BOTH
def test_the_result_is_the_same_when_order_and_number_of_copies_change(make: Callable[[int], Events]):
    # because everything is a function of the set of facts and the current time
    for seed in range(60):
        events = make(seed)
        expected = judge(events, PARAMS)
        again = [*events, *events[::3]]
        random.Random(seed).shuffle(again)
        assert judge(again, PARAMS) == expected


@BOTH
def test_histories_keep_the_contract_when_drawn_from_any_seed(make: Callable[[int], Events]):
    # because (source, id) is unique but for exact copies, no record precedes its fact, and a seed fixes all
    for seed in range(60):
        events = make(seed)
        assert events == make(seed)
        first: dict[tuple[str, str], dict[str, Any]] = {}
        for event in events:
            assert first.setdefault((event["source"], event["id"]), event) == event
            assert FIRST <= instant(event["time"]) <= recorded(event) <= LAST
        assert 1.2 < len(events) / len(first) < 1.4


@BOTH
def test_histories_reach_every_rule_when_many_are_drawn(make: Callable[[int], Events]):
    # because a rule that never fires is not tested by them; and no two rows may share a finding_id (4.8)
    seen = set()
    for seed in range(150):
        found = judge(make(seed), PARAMS)
        keys = [(r["source"], r["booking"], r["rule"], r["since"], r["about"]) for r in found]
        assert keys == sorted(set(keys))
        assert len({r["finding_id"] for r in found}) == len(found)
        seen |= {r["rule"] for r in found}
    assert len(seen) == 11


class Feed:
    """One feed of a history, in its order of arrival."""

    def __init__(self, events: Events) -> None:
        self.events = list({event["id"]: event for event in events}.values())
        self.place = {event["id"]: number for number, event in enumerate(self.events)}
        self.moves = self.of_type("booking.moved")
        self.retractions = self.of_type("event.retracted")
        self.by_target = {event["data"]["retracts"]: event for event in self.retractions}
        facts = [read(event) for event in self.events]
        gone = retracted_ids(facts)
        self.onward, self.lost = moves_that_count([fact for fact in facts if fact.id not in gone])
        self.holds, self.dues = self.of_type("hold.placed"), self.of_type("release.due")

    def of_type(self, kind: str) -> Events:
        return [event for event in self.events if event["type"] == f"jail.{kind}.v1"]

    def at(self, events: Events, name: str = "") -> set[tuple[str, datetime]]:
        """By booking, the times of events, or those that a field of theirs tells."""
        told = [(event["subject"], event["data"].get(name) if name else event["time"]) for event in events]
        return {(subject, instant(text)) for subject, text in told if text}

    def hours(self) -> set[str]:
        return {instant(event["time"]).strftime("%m-%d %H") for event in self.events}

    def within(self, end: datetime, span: timedelta) -> bool:
        return any(abs(instant(event["time"]) - end) < span for event in self.events)


DAYS = timedelta(days=2)
FEATURES: dict[str, Callable[[Feed], object]] = {
    "several moves of one booking": lambda it: len(it.moves) > len({each["subject"] for each in it.moves}),
    "a chain of moves": lambda it: {*it.onward.values()} & {*it.onward},
    "moves in a circle": lambda it: it.lost,
    "facts under an old number after its move": lambda it: [
        event
        for move in it.moves
        for event in it.events
        if event["subject"] == move["subject"] and instant(event["time"]) > instant(move["time"])
    ],
    "a retraction under another number": lambda it: [
        each for each in it.events if (by := it.by_target.get(each["id"])) and by["subject"] != each["subject"]
    ],
    "a retracted retraction": lambda it: [each for each in it.retractions if each["id"] in it.by_target],
    "a move taken back, and that taken back": lambda it: [
        each for each in it.moves if (by := it.by_target.get(each["id"])) and by["id"] in it.by_target
    ],
    "a retraction before its target": lambda it: [
        by for target, by in it.by_target.items() if it.place.get(target, -1) > it.place[by["id"]]
    ],
    "equal times, so that ids decide": lambda it: any(
        len(it.at(of)) < len(of) for of in (it.dues, it.moves, it.of_type("hold.lifted"))
    ),
    "due as a hold starts": lambda it: it.at(it.dues, "due_at") & it.at(it.holds),
    "lift, expiry and due at one instant": lambda it: (
        it.at(it.dues, "due_at") & it.at(it.of_type("hold.lifted")) & it.at(it.holds, "expires_at")
    ),
    "a future due rescinded at its own time": lambda it: (
        it.at([due for due in it.dues if instant(due["data"]["due_at"]) > instant(due["time"])])
        & it.at(it.of_type("release.rescinded"))
    ),
    "clocks go forward": lambda it: {"03-09 06", "03-09 07"} <= it.hours(),
    "clocks go back": lambda it: {"11-02 05", "11-02 06"} <= it.hours(),
    "the first day there is": lambda it: it.within(FIRST, DAYS),
    "the last day there is": lambda it: it.within(LAST, DAYS),
}


def test_wide_histories_are_adversarial_when_many_are_drawn():
    seen: Counter[str] = Counter()
    for seed in range(400):
        events = wide(seed)
        feeds = [Feed([e for e in events if e["source"] == source]) for source in {e["source"] for e in events}]
        seen.update(name for name, shows in FEATURES.items() if any(map(shows, feeds)))
    assert {name: seen[name] for name in FEATURES if seen[name] < 4} == {}


@pytest.mark.parametrize("scene", [scene for _, scene in SCENES], ids=lambda scene: scene.__name__)
def test_a_scene_tells_something_when_it_is_played(scene: Callable[[Maker, str], None]):
    for seed in range(40):
        dice = random.Random(seed)
        make = Maker(dice, "/jms/a", instants(dice), ranks={"B1": 0, "B2": 1, "B3": 2})
        make.add("booking.opened", "B1")
        scene(make, "B1")
        assert len(make.events) > 1
        assert len({event["id"] for event in make.events}) == len(make.events)
