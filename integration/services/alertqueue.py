"""The notices of one round, from what was planned and from what a receiver has not got yet."""

from collections.abc import Mapping
from typing import Final

import orjson

from integration.domain.alerts.alert import notice_id
from integration.domain.alerts.planning import Planned
from integration.domain.alerts.said import Stage
from integration.domain.instants import Instant
from integration.services.alertports import NoticeRow, NoticeState

_WEIGHTS: Final = (
    *(Stage.CLOSED, Stage.ESCALATED, Stage.REOPENED, Stage.FIRST),
    *(Stage.HANDED_OVER, Stage.ADDED, Stage.REPEATED, Stage.ENDED, Stage.ACKNOWLEDGED, Stage.MERGED),
)
"""Of two reasons, which one is told to somebody who has not got the first: that all is over, else the graver one."""
OF_KEEPERS: Final = frozenset({Stage.ACKNOWLEDGED.value, Stage.MERGED.value})
"""What is told only to receivers that keep a state of an alert."""


def notices_of(planned: Planned, untold: Mapping[str, NoticeRow], now: Instant) -> list[NoticeRow]:
    """Return the notices of a plan.

    Args:
        planned: who is to be told what.
        untold: by receiver, the notice of the same alert that this one takes the place of: to them that one's reason,
            and the findings that it was to tell, are still news.
        now: the current time.
    """
    alert = planned.alert
    told = orjson.dumps([send.receiver for send in planned.sends]).decode()
    return [
        NoticeRow(
            notice_id=notice_id(alert, send.receiver),
            alert_id=alert.alert_id,
            receiver=send.receiver,
            stage=_stage(send.stage, untold.get(send.receiver)).value,
            cycle=alert.cycle,
            step=alert.step,
            repeat=alert.repeat,
            due_at=now,
            told=told,
            new=_new(planned, untold.get(send.receiver)),
            state=NoticeState.QUEUED.value,
            attempts=0,
            changed_at=now,
            why="",
        )
        for send in planned.sends
    ]


def _stage(stage: Stage, untold: NoticeRow | None) -> Stage:
    return stage if untold is None else min(stage, Stage(untold.stage), key=_WEIGHTS.index)


def _new(planned: Planned, untold: NoticeRow | None) -> str:
    before = set() if untold is None else set(orjson.loads(untold.new)) & planned.alert.members.keys()
    return orjson.dumps(sorted(planned.new | before)).decode()
