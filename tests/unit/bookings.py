"""Facts by hand, hours as times, and the rules' answers in short form."""

from dataclasses import replace

from integration.domain.custody import Standing, timeline_of
from integration.domain.facts import Due, Fact, Lifted, Opened, Placed, Released, Rescinded, Transferred, Verified
from integration.domain.findings import assess
from integration.domain.instants import HOUR, NEVER
from integration.domain.parameters import Parameters
from tests.differential import test_pack

NOW = 10_000 * HOUR
PARAMETERS: Parameters = test_pack().parameters
UNVERIFIED = replace(PARAMETERS, require_warrant_verification=False)


def h(hours: float) -> int:
    return round(hours * HOUR)


def opened(at: float = 0, event_id: str = "open", *basis: str) -> Fact:
    return Opened(event_id, h(at), basis, None)


def placed(
    hold_id: str, at: float, kind: str = "charge", *, event_id: str = "", until: float | None = None, **said
) -> Placed:
    fields = dict.fromkeys(("form", "agency", "ori", "court", "official_title", "charge_code", "charge_description"))
    expires = None if until is None else h(until)
    return Placed(event_id or f"+{hold_id}", h(at), hold_id, kind, expires, **{**fields, **said})


def detainer(at: float, hold_id: str = "D", **said) -> Placed:
    return placed(hold_id, at, "immigration_detainer", **said)


def warrant(at: float, hold_id: str = "W", **said) -> Placed:
    judge = {"court": "54-A District Court", "official_title": "District Judge"}
    return placed(hold_id, at, "judicial_warrant", **{**judge, **said})


def lifted(hold_id: str, at: float, event_id: str = "") -> Lifted:
    return Lifted(event_id or f"-{hold_id}@{at}", h(at), hold_id)


def due(at: float, due_at: float, event_id: str = "due") -> Due:
    return Due(event_id, h(at), h(due_at))


def rescinded(at: float) -> Rescinded:
    return Rescinded("rescinded", h(at))


def released(at: float, event_id: str = "released") -> Released:
    return Released(event_id, h(at))


def transferred(
    at: float, to: str = "County", *, temporary: bool = False, event_id: str = "transferred"
) -> Transferred:
    return Transferred(event_id, h(at), to, temporary, None)


def verified(hold_id: str, at: float) -> Verified:
    return Verified(f"ok-{hold_id}", h(at), hold_id)


def hours(instant: int | None) -> float | None:
    return None if instant is None or instant == NEVER else instant / HOUR


def stretches(*facts: Fact, parameters: Parameters = PARAMETERS) -> list[tuple[float | None, float | None]]:
    """The stretches of custody without authority, in hours."""
    return [(hours(a), hours(b)) for a, b in timeline_of(Standing(facts), parameters).stretches]


def rules(*facts: Fact, now: float = 10_000, parameters: Parameters = PARAMETERS) -> dict[str, tuple]:
    """What the rules say: rule to (since, until, status)."""
    found = assess("/a", "B", facts, parameters, now=h(now)).findings
    return {each.rule.value: (hours(each.since), hours(each.until), each.status.value) for each in found}
