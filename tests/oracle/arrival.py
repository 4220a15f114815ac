"""What depends on the order of arrival: which moves are refused, and when a finding was raised.

Written from EVENTS.md alone, like the rest of this folder, and as naively: everything known is judged anew each time.
"""

from datetime import datetime

from tests.oracle.oracle import EPOCH, finding_id, findings_in, moves_that_count, read, recorded, retracted_ids


def taken_in(events: list[dict]) -> list[dict]:
    """The events in their order without those refused: a move that is, as it comes, the latest of a cycle (4.1)."""
    kept: dict[tuple[str, str], dict] = {}
    for event in events:
        key = event["source"], event["id"]
        if key in kept:
            continue
        facts = [read(e) for (of, _), e in kept.items() if of == event["source"]]
        if event["type"] == "jail.booking.moved.v1":
            new = read(event)
            gone = retracted_ids([*facts, new])
            _, lost = moves_that_count([f for f in [*facts, new] if f.id not in gone])
            if new in lost:
                continue
        kept[key] = event
    return list(kept.values())


def told_at(events: list[dict], params: dict) -> dict[str, tuple[datetime, bool]]:
    """When each finding was raised, by its id, and whether it still stands: a replay told in words of section 7.

    The current time is the greatest recordedtime so far. What becomes known at one instant is known together; then
    time runs, and what it makes due on the way is raised at its exact instant, before the next event. A move that is
    refused was recorded all the same: time has come as far.
    """
    taken = {(event["source"], event["id"]) for event in taken_in(events)}
    known: list[dict] = []
    moments: list[tuple[datetime, list[dict]]] = []
    now = EPOCH
    for event in events:
        now = max(now, recorded(event))
        known = [*known, event] if (event["source"], event["id"]) in taken else known
        if moments and moments[-1][0] == now:
            moments.pop()
        moments.append((now, known))
    told: dict[str, tuple[datetime, bool]] = {}
    for (at, facts), (following, _) in zip(moments, [*moments[1:], (None, [])], strict=True):
        listed: dict[str, datetime] = {}
        for source, booking, finding in findings_in(facts, params):
            named = finding_id(source, booking, finding.rule, finding.since, finding.about)
            listed[named] = max(at, finding.listed_from)
        for named, (raised, _) in list(told.items()):
            if listed.get(named) != at:
                told[named] = (raised, False)
        for named, raised in listed.items():
            if (raised == at or (following is not None and raised < following)) and not told.get(named, (at, False))[1]:
                told[named] = (raised, True)
    return told
