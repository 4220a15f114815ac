"""From what the planner says to the notice that a channel sends."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Final, TypeAlias

from integration.domain.alerts.said import Said, Stage
from integration.domain.instants import Instant
from integration.policy.pack import Pack
from integration.services.alertwords.brief import line_of
from integration.services.alertwords.inert import inert
from integration.services.alertwords.lawbook import Lawbook
from integration.services.alertwords.page import html_of
from integration.services.alertwords.plain import text_of
from integration.services.alertwords.program import data_of
from integration.services.alertwords.times import moment, zone_of
from integration.services.alertwords.writing import document
from integration.services.notice import Act, Notice

NOTICE_TYPE: Final = "holdwatch.alert.v1"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

Words: TypeAlias = Callable[[Said], Notice]
"""Writes a notice. It never raises: a notice whose words fail is a person who is not helped."""


def words(packs: Iterable[Pack]) -> Words:
    """Return what writes notices.

    Args:
        packs: all whose findings may still be told of; a finding of another one is told with its numbers alone.
    """
    book = Lawbook(packs)

    def write(said: Said) -> Notice:
        zone = zone_of(said.zone)
        told = document(said, book, zone)
        return Notice(
            id=said.notice_id,
            at=_time(said.now),
            title=told.title,
            text=text_of(told),
            type=NOTICE_TYPE,
            data=data_of(said, book),
            short=line_of(said, book, zone),
            html=html_of(told),
            key=said.alert_id,
            act=_act(said),
            again=said.cycle,
            severity=said.severity,
            since=_time(min((case.since for case in said.cases), default=said.opened_at)),
            link=told.link,
            site=inert(said.site),
            exercise=said.drill,
        )

    return write


def _act(said: Said) -> Act:
    if said.stage in (Stage.CLOSED, Stage.MERGED):
        return Act.CLOSED
    return Act.OPEN if said.acked is None else Act.ACKNOWLEDGED


def _time(at: Instant) -> datetime:
    return moment(at) or _EPOCH
