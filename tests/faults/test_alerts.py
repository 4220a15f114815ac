"""Whatever breaks under it, the engine says so, and the alert arrives at a receiver on loopback that verifies it."""

from pathlib import Path

import pytest

from integration.bootstrap import open_installation
from integration.settings import load_settings
from tests.faults.alerts import ALERT_WITHIN, CASES, HANG, TOLD_WITHIN, Case, file_of, going, measure
from tests.faults.injection import build
from tests.watch.sink import until
from tests.watch.watching import SHORT, Watched

NAMES = [case.name for case in CASES]


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("alerts"))


def events(site: Watched) -> int:
    installation = open_installation(load_settings(site.settings))
    try:
        return installation.records.counts()["events"]
    finally:
        installation.store.close()


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_the_alert_arrives_when_something_breaks(tmp_path, library: Path, case: Case):
    with going(tmp_path, library, case, SHORT) as (site, sink, sign):
        measured = measure(site, sink, sign, case)
        assert (measured.told is None) == (not case.says)
        assert measured.trouble in case.troubles
        # Nothing else rang: one fault is not many alarms. What it does to the engine is part of it.
        others = {trouble for _, trouble, _ in sink.lines()} - case.troubles
        assert {each.partition("_")[0] for each in others} <= {"engine"}
        assert sink.forged <= (1 if case.fault.clock_back and case.both else 0)


def test_everything_goes_on_and_is_told_over_when_a_sync_has_hung_for_half_a_minute(tmp_path, library: Path):
    (case,) = (case for case in CASES if case.name == "a sync hangs, only the engine's")
    with going(tmp_path, library, case, SHORT) as (site, sink, sign):
        measure(site, sink, sign, case)
        got = sink.first("new", "engine_silent")
        assert got is not None
        assert got.alerts[0]["detail"]["stage"] == "committing"
        until(lambda: sink.story("engine_silent") == ["new", "over"], HANG + 60)
        until(lambda: b"engine.goes_on" in site.told.read_bytes())
        site.wait(lambda: site.waiting == 0)
        assert site.stop() == 0
        assert site.end_watch() == 0
        assert events(site) == len(file_of(1)) + len(file_of(9))


@pytest.mark.by_hand
@pytest.mark.timeout(900)
@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_it_is_told_in_seconds_and_the_alert_arrives_in_a_minute_with_the_limits_that_ship(
    tmp_path, library: Path, case: Case
):
    with going(tmp_path, library, case, "") as (site, sink, sign):
        measured = measure(site, sink, sign, case)
        assert (measured.told or 0) <= TOLD_WITHIN
        assert measured.alert <= ALERT_WITHIN
