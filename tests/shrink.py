"""Makes a failing history small, and keeps it as a golden file.

``python -m tests.shrink --seed 17`` shrinks a history on which core and oracle differ; ``--mutants`` looks for one on
which each core broken on purpose (tests/golden/histories/mutants.py) differs. A golden file holds both answers.
"""

import argparse
import json
import random
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import orjson

from integration.policy.pack import Pack
from schemas.events import parse
from schemas.refusals import InvalidEventError
from tests.differential import listed, moment, run, test_pack
from tests.golden.histories.mutants import MUTANTS, broken
from tests.memory_store import MemoryStore
from tests.oracle.cases import MIDNIGHT, at
from tests.oracle.histories import PARAMS
from tests.oracle.oracle import instant, judge
from tests.scenarios.laws import all_known_at, drawn, goes_round, recorded_at

T = TypeVar("T")
Events = list[dict[str, Any]]
Rows = list[dict[str, Any]]
GOLDEN = Path(__file__).parent / "golden" / "histories"
MOVED = "jail.booking.moved.v1"
FAR = 6_000_000_000_000_000
TIMES = ("time", "recordedtime")
DATA_TIMES = ("due_at", "expires_at")
NEEDED = set("hold_id kind due_at reason to_agency temporary retracts into verified_by served_by".split())


def smallest(items: Sequence[T], fails: Callable[[list[T]], bool], *, tries: int = 5000) -> list[T]:
    """Delta debugging (ddmin): leave out ever smaller runs while what is left still fails.

    Args:
        items: a failing list.
        fails: tells whether a shorter list still fails; must give the same answer each time.
        tries: how often to ask at most.
    """
    kept, size = list(items), max(1, len(items) // 2)
    while size and tries > 0:
        at_, shorter = 0, False
        while at_ < len(kept) and tries > 0:
            tries -= 1
            rest = kept[:at_] + kept[at_ + size :]
            if rest and fails(rest):
                kept, shorter = rest, True
            else:
                at_ += size
        if not shorter or size > len(kept):
            size = 0 if size == 1 and not shorter else max(1, size // 2)
    return kept


@cache
def pack() -> Pack:
    return test_pack()


# -- core and oracle ---------------------------------------------------------------------------------------------------


def core(events: Events, now: int | None) -> Rows:
    """What the product says: at the end of a replay, or with every event known at a moment."""
    try:
        store: MemoryStore = run(events, pack())[0] if now is None else all_known_at(events, pack(), now)
    except Exception as error:  # noqa: BLE001  a wrong answer too
        return [{"fails": type(error).__name__}]
    return listed(list(store.findings.values()))


def oracle(events: Events, now: int | None) -> Rows:
    """What the independent reading of the contract says."""
    return judge(events, PARAMS) if now is None else judge(events, PARAMS, moment(now))


def is_whole(events: Events) -> bool:
    """Whether both read the same thing: every event is one, no two share an id, and no moves go round."""
    try:
        read = [parse(orjson.dumps(event)) for event in events]
    except InvalidEventError:
        return False
    contents = {(each.event.source, each.event.id): each.digest for each in read}
    agree = all(contents[each.event.source, each.event.id] == each.digest for each in read)
    into_itself = any(event["data"].get("into") == event["subject"] for event in events)
    return agree and not into_itself and not goes_round(events)


def moments_of(events: Events) -> Iterator[int | None]:
    """When to ask: at the end, and just when something is to be raised."""
    yield None
    allowances = (PARAMS["release_processing_detainer"], PARAMS["release_processing_other"])
    rows = judge(events, PARAMS, moment(FAR))
    overdue = [row for row in rows if row["rule"].startswith("overdue")]
    for row in overdue[:2]:
        for allowance in allowances:
            raised = recorded_at({"time": row["since"]}) + allowance * 1_000_000
            yield from (raised, raised - 1)


def differs(events: Events, now: int | None) -> bool:
    return core(events, now) != oracle(events, now)


# -- making it small ---------------------------------------------------------------------------------------------------


def shrunk(events: Events, fails: Callable[[Events], bool]) -> Events:
    """Fewer events, without duplicates, with less in them, at plainer times; until nothing more can go."""
    before: Events = []
    while before != events:
        before = events
        events = smallest(events, fails)
        events = _one_by_one(events, _lighter, fails)
        events = _plain_times(events, fails)
    return events


def _one_by_one(events: Events, variants: Callable[[dict[str, Any]], Iterator[dict[str, Any]]], fails: Any) -> Events:
    for number in range(len(events)):
        for lighter in variants(events[number]):
            trial = [*events[:number], lighter, *events[number + 1 :]]
            if fails(trial):
                events = trial
                break
    return events


def _lighter(event: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The event with only what its type must have; or with one thing less."""
    data = event["data"]
    bare = {name: value for name, value in event.items() if name != "recordedtime"}
    yield bare | {"data": {name: value for name, value in data.items() if name in NEEDED}}
    for name in data:
        yield bare | {"data": {key: value for key, value in data.items() if key != name}}
    yield bare


def _times(events: Events) -> list[str]:
    found = [event[name] for event in events for name in TIMES if event.get(name)]
    found += [event["data"][name] for event in events for name in DATA_TIMES if event["data"].get(name)]
    return sorted(set(found), key=instant)


def _retimed(events: Events, new: dict[str, str]) -> Events:
    def changed(of: dict[str, Any], names: Sequence[str]) -> dict[str, Any]:
        return of | {name: new.get(of[name], of[name]) for name in names if of.get(name)}

    return [changed(event, TIMES) | {"data": changed(event["data"], DATA_TIMES)} for event in events]


def _plain_times(events: Events, fails: Callable[[Events], bool]) -> Events:
    """All times to whole hours in their order; else each to its own hour or minute."""
    times = _times(events)
    by_instant = sorted({instant(text) for text in times})
    for hours in (1, 7, 25):
        plain = {text: at(by_instant.index(instant(text)) * hours) for text in times}
        if plain == {text: text for text in times}:
            return events
        if fails(trial := _retimed(events, plain)):
            return trial
    for text in times:
        for unit in (timedelta(hours=1), timedelta(minutes=1)):
            read: datetime = instant(text)
            floor = read - (read - MIDNIGHT) % unit
            trial = _retimed(events, {text: floor.strftime("%Y-%m-%dT%H:%M:%S.%fZ")})
            if trial != events and fails(trial):
                events = trial
                break
    return events


# -- golden files ------------------------------------------------------------------------------------------------------


def write(name: str, because: str, events: Events, *, at_end: bool, wrong: Rows, asked: int | None) -> Path:
    """Write a golden file: the events, when to ask, the right answer, and the one that was wrong."""
    told = {
        "because": because,
        "now": None if at_end else asked,
        "events": events,
        "expected": oracle(events, asked),
        "wrong": wrong,
    }
    path = GOLDEN / f"{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def first_moment(events: Events) -> Callable[[Events], int | None] | None:
    """How to find the moment at which an answer is wrong, again in a smaller history; None where none is."""
    for number, now in enumerate(moments_of(events)):
        if differs(events, now):
            return lambda fewer, number=number: dict(enumerate(moments_of(fewer))).get(number, -1)
    return None


def kept(name: str, because: str, events: Events) -> Path | None:
    """Shrink a history that is answered wrongly now, and write it; None where it is answered rightly."""
    if not is_whole(events) or (asked := first_moment(events)) is None:
        return None

    def fails(fewer: Events) -> bool:
        return is_whole(fewer) and (now := asked(fewer)) != -1 and differs(fewer, now)

    small = shrunk(events, fails)
    now = asked(small)
    return write(name, because, small, at_end=now is None, wrong=core(small, now), asked=now)


def moved_more(seed: int) -> Events:
    """The history of a seed, and further moves: chains, and second moves of one booking, but never in a circle."""
    dice, events = random.Random(seed), drawn(seed)
    times = [event["time"] for event in events]
    names = [*sorted({event["subject"] for event in events}), "M1", "M2", "M3"]
    for number in range(dice.randrange(1, 5)):
        subject, into = sorted(dice.sample(range(len(names)), 2))
        made = {"specversion": "1.0", "id": f"m{number}", "source": events[0]["source"], "type": MOVED}
        more = {"subject": names[subject], "time": dice.choice(times), "data": {"into": names[into]}}
        events.insert(dice.randrange(len(events)), made | more)
    return events


def caught(number: int, within: int) -> tuple[int, Path] | None:
    """Look for a history on which a broken core differs; how many it took, and the smallest one."""
    mutant = MUTANTS[number]
    with broken(mutant):
        for seed in range(within):
            because = f"{mutant.module}.{mutant.function}: `{mutant.right.strip()}` and not `{mutant.wrong.strip()}`"
            for events in (drawn(seed), moved_more(seed)):
                if (path := kept(mutant.name, because, events)) is not None:
                    return seed + 1, path
    return None


def main() -> int:
    parser = argparse.ArgumentParser(description="Shrink a history on which core and oracle differ.")
    parser.add_argument("--seed", type=int)
    parser.add_argument("--mutants", action="store_true", help="write the smallest history that catches each")
    parser.add_argument("--within", type=int, default=400, help="histories to look at for each")
    asked = parser.parse_args()
    if asked.seed is not None:
        path = kept(f"seed-{asked.seed}", f"core and oracle differed on seed {asked.seed}", drawn(asked.seed))
        print("core and oracle agree on it" if path is None else path)
        return 0
    missed = 0
    for number in range(len(MUTANTS) if asked.mutants else 0):
        found = caught(number, asked.within)
        missed += found is None
        size = len(json.loads(found[1].read_text())["events"]) if found else 0
        told = f"caught by history {found[0]}, {size} events" if found else f"not caught in {asked.within} histories"
        print(f"{MUTANTS[number].name}: {told}", flush=True)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
