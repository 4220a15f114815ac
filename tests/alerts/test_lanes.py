"""One notice at a time to each receiver: which comes first, and that a broken channel is not busy for ever."""

import asyncio
from datetime import UTC, datetime

import pytest

from connectors.notice import Notice
from integration.domain.alerts.said import Stage
from integration.runners.alerting import lanes
from integration.runners.alerting.lanes import Lanes
from integration.services.alerting import Outcome
from integration.services.alertports import NoticeRow
from integration.services.alertsaying import trial
from schemas.kinds import Severity


class Channel:
    """A receiver that takes what it is told, after as many failures of its own as it is given."""

    name = "desk"

    def __init__(self, *failures: BaseException) -> None:
        self.failures = [*failures]
        self.got: list[str] = []

    async def send(self, notice: Notice) -> None:
        if self.failures:
            raise self.failures.pop(0)
        self.got.append(notice.id)

    async def close(self) -> None:
        """Nothing is open."""


def row(notice_id: str, stage: Stage, due_at: int = 0) -> NoticeRow:
    return NoticeRow(notice_id, "a1", "desk", stage.value, 0, 0, 0, due_at, "[]", "[]", "queued", 0, 0, "")


def opened(channel: Channel, outcomes: list[Outcome]) -> Lanes:
    async def say(row: NoticeRow):
        return trial("desk", row.notice_id, 0, site="s", facility="f", zone="UTC")

    return Lanes(
        {"desk": channel}, lambda said: Notice(said.notice_id, datetime.now(UTC), "t", "x", "y"), say, outcomes.append
    )


async def sent(lanes: Lanes, outcomes: list[Outcome], rows: list[NoticeRow], severity: Severity) -> Outcome:
    lanes.start(rows, lambda _row: severity)
    async with asyncio.timeout(10):
        while not outcomes:  # noqa: ASYNC110  a callback fills it
            await asyncio.sleep(0)
    lanes.recorded(outcomes[0])
    return outcomes.pop()


@pytest.mark.parametrize("failure", [asyncio.CancelledError(), KeyError("x")], ids=repr)
async def test_a_receiver_is_free_again_when_its_channel_was_broken_off_from_within(failure, monkeypatch):
    monkeypatch.setattr(lanes, "FIRST_WAIT", 0.0)
    channel, outcomes = Channel(failure), []
    under_way = opened(channel, outcomes)
    waiting = [row("n1", Stage.FIRST)]
    outcome = await sent(under_way, outcomes, waiting, Severity.VIOLATION)
    assert (bool(outcome.why), outcome.permanent, set(under_way.busy)) == (True, False, set())
    assert not (await sent(under_way, outcomes, waiting, Severity.VIOLATION)).why
    assert channel.got == ["n1"]


async def test_what_says_of_somebody_that_they_are_held_goes_before_advice_and_before_an_end():
    channel, outcomes = Channel(), []
    under_way = opened(channel, outcomes)
    gravest = {"ended": Severity.VIOLATION, "advice": Severity.ADVICE, "closed": Severity.VIOLATION}
    rows = [row("closed", Stage.CLOSED), row("advice", Stage.FIRST, 1), row("ended", Stage.ENDED, 2)]
    while rows:
        under_way.start(rows, lambda row: gravest[row.notice_id])
        async with asyncio.timeout(10):
            while not outcomes:  # noqa: ASYNC110  a callback fills it
                await asyncio.sleep(0)
        under_way.recorded(outcome := outcomes.pop())
        rows = [each for each in rows if each.notice_id != outcome.notice.notice_id]
    assert channel.got == ["ended", "advice", "closed"]
