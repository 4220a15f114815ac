"""Alerting beside the engine never ends in silence: whatever ends it stops the engine, and is raised there."""

import threading

import pytest

from integration.errors import FatalError
from integration.runners.alerting.alerter import Alerter
from integration.runners.alerting.process import beside
from integration.services.alerting import Alerting
from integration.services.heartbeat import BeatError, State, StopReason
from integration.settings import Settings, load_settings
from integration.store.pulse import read_beat
from tests.alerts.processes import alerted
from tests.watch.sink import until


@pytest.fixture
def settings(tmp_path) -> Settings:
    with alerted(tmp_path, beside=True) as (site, _):
        (site.root / "state").mkdir()
        return load_settings(site.settings)


def stopped_by(settings: Settings, kind: type[BaseException], match: str) -> None:
    """Run an engine's body until alerting stops it."""
    asked = threading.Event()
    with pytest.raises(kind, match=match), beside(settings, asked.set):
        assert asked.wait(60)


def turned(settings: Settings) -> bool:
    try:
        return read_beat(settings.beat_file("alerting")).state is State.RUNNING
    except (FileNotFoundError, BeatError):
        return False  # it is just being written for the first time


def test_the_engine_is_stopped_when_alerting_meets_a_defect(settings, monkeypatch):
    usual, turns = Alerting.turn, 0

    def turn(self, *given):
        nonlocal turns
        turns += 1
        if turns > 3:
            raise RuntimeError("a defect")
        return usual(self, *given)

    monkeypatch.setattr(Alerting, "turn", turn)
    stopped_by(settings, RuntimeError, "a defect")
    beat = read_beat(settings.beat_file("alerting"))
    assert (beat.state, beat.reason) == (State.FAILED, StopReason.UNEXPECTED)


def test_the_engine_is_stopped_when_alerting_ends_although_nobody_told_it_to(settings, monkeypatch):
    usual = Alerter.run

    async def run(self):
        self.stop()
        await usual(self)

    monkeypatch.setattr(Alerter, "run", run)
    stopped_by(settings, FatalError, "ended by itself")


def test_the_engine_is_stopped_when_alerting_cannot_even_begin(settings, monkeypatch):
    def begin(*_):
        raise FatalError("the database fails")

    monkeypatch.setattr("integration.runners.alerting.parts.open_engine", begin)
    stopped_by(settings, FatalError, "the database fails")


def test_nothing_is_raised_when_the_engine_ends_first(settings):
    with beside(settings, lambda: pytest.fail("it was not alerting that ended")):
        until(lambda: turned(settings))
    assert read_beat(settings.beat_file("alerting")).state is State.STOPPED
