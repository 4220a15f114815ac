"""HTTP checks of workers: a status and limits on metrics, as rows of the settings; against a real server."""

import pytest
from pydantic import ValidationError

from connectors.http import HttpClient
from integration.runners.watch.checks import Checks
from integration.settings import HttpCheck
from tests.watch.sink import Sink, listening

METRICS = b"""# HELP holdwatch_lag_events Events that wait.
# TYPE holdwatch_lag_events gauge
holdwatch_lag_events{partition="0"} 3
holdwatch_lag_events{partition="1"} 70
# TYPE holdwatch_committed counter
holdwatch_committed_total 12
# TYPE last_event gauge
last_event 1.7e9
# TYPE broken gauge
broken NaN
"""


@pytest.fixture
def sink():
    with listening() as made:
        yield made


async def says(sink: Sink, **row) -> str:
    http = HttpClient(seconds=30)
    checks = Checks([HttpCheck.model_validate({"name": "w", "url": sink.url + "/metrics"} | row)], http)
    try:
        await checks.round()
    finally:
        await http.close()
    return checks.found["w"].says


@pytest.mark.parametrize(
    ("limit", "fault"),
    [
        ({"metric": "holdwatch_committed_total", "at_least": 12, "at_most": 12}, ""),
        ({"metric": "holdwatch_committed_total", "at_least": 13}, "holdwatch_committed_total is 12, less than 13"),
        ({"metric": "holdwatch_lag_events", "at_most": 70}, ""),
        ({"metric": "holdwatch_lag_events", "at_most": 69}, "holdwatch_lag_events is 70, more than 69"),
        ({"metric": "holdwatch_lag_events", "labels": {"partition": "0"}, "at_most": 3}, ""),
        ({"metric": "holdwatch_lag_events", "labels": {"partition": "9"}}, "holdwatch_lag_events is missing"),
        ({"metric": "none"}, "none is missing"),
        ({"metric": "last_event", "at_most_seconds_old": 1e9}, ""),
        ({"metric": "last_event", "at_most_seconds_old": 3600}, "last_event is more than 3600 s old"),
        ({"metric": "broken", "at_most_seconds_old": 1e9}, "broken is more than 1e+09 s old"),
        ({"metric": "broken", "at_most": 1}, "broken is nan, more than 1"),
        ({"metric": "broken", "at_least": 1}, "broken is nan, less than 1"),
    ],
)
async def test_a_metric_is_held_to_its_limits(sink: Sink, limit, fault):
    sink.answer = lambda _: (200, {}, METRICS)
    assert await says(sink, limits=[limit]) == fault


@pytest.mark.parametrize(
    ("status", "wanted", "fault"), [(200, 200, ""), (503, 200, "status 503, not 200"), (204, 204, "")]
)
async def test_a_worker_is_not_well_when_its_status_is_another(sink: Sink, status, wanted, fault):
    sink.answer = lambda _: (status, {}, b"zyxquorn" if status != 204 else b"")
    assert await says(sink, status=wanted) == fault


@pytest.mark.parametrize("body", [b"\xff\xfe", b"holdwatch_lag_events{ 1", b'holdwatch_lag_events{x="1"} zyxquorn'])
async def test_nothing_of_the_answer_is_told_when_it_cannot_be_read(sink: Sink, body):
    sink.answer = lambda _: (200, {}, body)
    assert await says(sink, limits=[{"metric": "holdwatch_lag_events"}]) == "no metrics that can be read"


async def test_a_worker_is_not_well_when_it_is_gone_or_says_too_much(sink: Sink):
    sink.answer = lambda _: (200, {}, b"x" * (2 << 20))
    assert await says(sink) == "unusable"
    with listening() as gone:
        url = gone.url
    assert await says(sink, url=url) == "unreachable"


@pytest.mark.parametrize(
    "row", [{"url": "file:///etc/passwd"}, {"url": "http://"}, {"limits": [{"metric": "a b"}]}, {"name": ""}]
)
def test_a_check_is_refused_when_it_cannot_be_meant(row):
    with pytest.raises(ValidationError):
        HttpCheck.model_validate({"name": "w", "url": "http://127.0.0.1/"} | row)
