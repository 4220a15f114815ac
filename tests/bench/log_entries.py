"""Entries as a busy year writes them, made without the events: for logs too long to be taken in one by one."""

from integration.audit.entry import Entry, text_of
from integration.services.ports import FindingRow

START = 1_767_225_600_000_000  # 2026-01-01
EVERY = 3_000_000
"""Microseconds between two entries: ten million fill a year."""
FACILITIES = 20
ACTIVE = 1_000
"""Bookings whose entries lie among each other."""
EACH = 7
"""Entries of one booking."""
REVISION = "72a479f9a7ab8ce19209aa3a7264901560700d599af13b162a36d2e3d08a560e"

_SPREAD = 2_654_435_761
"""Knuth's multiplier: spreads kinds over the log as if by chance."""
_EVENTS = ("booking.opened", "hold.placed", "bail.set", "release.due", "release.completed", "notice.served")


def booking_of(number: int) -> str:
    block, within = divmod(number, ACTIVE * EACH)
    return f"B{block * ACTIVE + within % ACTIVE:08d}"


def source_of(number: int) -> str:
    return f"/jms/facility-{number % ACTIVE % FACILITIES:02d}"


def entry(number: int) -> Entry:
    """The entry at a leaf index: the same one each time."""
    at = START + number * EVERY
    kind, outcome, detail = _told(number, at)
    return Entry(
        kind=kind,
        at=at,
        source=source_of(number),
        booking=booking_of(number),
        actor="service:intake",
        outcome=outcome,
        place="Example County",
        pack="lansing-eo-2017-01",
        pack_revision=REVISION,
        detail=detail,
    )


def _told(number: int, at: int) -> tuple[str, str, dict]:
    drawn = (number * _SPREAD >> 16) % 1000
    if drawn < 60:
        kind, outcome = ("finding.raised", "open") if drawn % 2 else ("finding.resolved", "resolved")
        return kind, outcome, _finding(number, at)
    if drawn < 65:
        outcome = "block" if drawn == 60 else "permit"
        detail = {
            "message_id": f"M{number}",
            "reasons": ["not_permitted"],
            "provisions": ["L9"],
            "categories": ["release_time"],
            "recipient_class": "immigration_authority" if drawn == 60 else "other",
            "policies": [],
            "errors": [],
        }
        return "message.decided", outcome, detail
    if drawn < 68:
        return "input.refused", "refused", {"place": f"day.jsonl:{number}", "reason": "bad_time", "bytes": 412}
    if number % 500_000 == 77:
        return "event.set_aside", "set_aside", {"event_id": f"E{number}", "reason": "move_cycle"}
    data = {"hold_id": f"h{number % 5}", "kind": "charge", "issuer": {"agency": "Example County Sheriff"}}
    event = f"jail.{_EVENTS[number // ACTIVE % len(_EVENTS)]}.v1"
    return (
        "event.accepted",
        "accepted",
        {"event_id": f"E{number:010d}", "type": event, "time": text_of(at - 40_000_000), "data": data},
    )


def _finding(number: int, at: int) -> dict:
    return {
        "finding_id": f"{number:032x}",
        "rule": "overdue_release",
        "about": "",
        "since": text_of(at - 3_600_000_000),
        "until": None,
        "raised_at": text_of(at),
        "severity": "violation",
        "provisions": ["L5"],
        "evidence": [f"E{number - 9:010d}", f"E{number - 4:010d}"],
    }


def finding(number: int, *, is_open: bool) -> FindingRow:
    """A row of the projection, as a finding entry at this index leaves one."""
    at = START + number * EVERY
    return FindingRow(
        finding_id=f"{number:032x}",
        source=source_of(number),
        booking=booking_of(number),
        rule="overdue_release",
        about="",
        since=at - 3_600_000_000,
        until=None if is_open else at,
        raised_at=at,
        status="open" if is_open else "resolved",
        severity="violation",
        provisions=b'["L5"]',
        evidence=b'["E1","E2"]',
        names=b"{}",
        pack="lansing-eo-2017-01",
        pack_revision=REVISION,
    )
