"""What ``jail.alerts`` is told: one row for each finding that staff are told of, in the transaction that queues it."""

from collections.abc import Iterable

import orjson

from integration.audit.entry import text_of
from integration.domain.alerts.planning import Planned
from integration.domain.alerts.said import Stage
from integration.domain.instants import Instant
from integration.services.alertports import AlertStore
from integration.services.ports import FindingRow, OutboxRow

TOPIC = "alerts"
_OF_NEW_ONES = frozenset({Stage.ADDED, Stage.HANDED_OVER})
_OF_ALL = frozenset({Stage.FIRST, Stage.REPEATED, Stage.ESCALATED, Stage.REOPENED})


def told_rows(planned: Iterable[Planned], store: AlertStore, now: Instant) -> list[OutboxRow]:
    """Return the rows of the alerts that a turn tells. An exercise is told to nobody's program."""
    wanted: dict[tuple[str, str], Planned] = {}
    for each in planned:
        stages = {send.stage for send in each.sends}
        if each.alert.drill:
            continue
        if stages & _OF_ALL:
            found = {member.finding_id for member in each.alert.open_members()}
        elif stages & _OF_NEW_ONES:
            found = {member.finding_id for member in each.alert.open_members()} & each.new
        else:
            continue
        wanted |= {(each.alert.alert_id, finding_id): each for finding_id in found}
    on_record = {row.finding_id: row for row in store.findings({finding_id for _, finding_id in wanted})}
    return [
        _row(on_record[finding_id], each, now)
        for (_, finding_id), each in sorted(wanted.items(), key=lambda item: item[0])
        if finding_id in on_record
    ]


def _row(row: FindingRow, planned: Planned, now: Instant) -> OutboxRow:
    alert = planned.alert
    content = {
        "finding_id": row.finding_id,
        "rule": row.rule,
        "source": row.source,
        "booking": row.booking,
        "since": text_of(row.since),
        "until": None if row.until is None else text_of(row.until),
        "severity": row.severity,
        "provisions": orjson.loads(row.provisions),
        "sent_at": text_of(now),
        "repeat": alert.repeat,
    }
    key = f"{TOPIC}-{alert.alert_id}-{alert.rounds}-{row.finding_id}"
    return OutboxRow(key, TOPIC, now, orjson.dumps(content))
