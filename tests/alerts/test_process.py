"""The alerting process as it runs: reaches people, is answered by link and command, dies and goes on."""

import http.client
import random
import re
import signal
import time
from collections import Counter
from datetime import UTC, datetime, timedelta

import orjson
import pytest

from tests.alerts.processes import Alerted, alerted, ids, told
from tests.alerts.site import held, released
from tests.watch.sink import Sink, until


def lines(events) -> list[bytes]:
    return [orjson.dumps({**each, "source": "/jms/a"}) for each in events]


def asked(port: int, method: str, path: str, body: str = "") -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    headers = {"Content-Type": "application/x-www-form-urlencoded"} if body else {}
    try:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def link_in(text: str, port: int) -> str:
    return text.split(f"http://127.0.0.1:{port}", 1)[1].split(maxsplit=1)[0]


def test_somebody_is_told_and_answers_by_the_link_of_the_notice(tmp_path):
    with alerted(tmp_path, wait=0.02, beside=True) as (site, sink):
        site.start()
        now = datetime.now(UTC)
        site.put("a.jsonl", lines(held("B-1", now - timedelta(minutes=5))))
        chief = site.root / "chief.txt"
        until(lambda: chief.exists() and "acknowledge" in chief.read_text())
        assert told(sink)[0]["findings"][0]["booking"] == "B-1"
        link = link_in(chief.read_text(), site.port)

        # Programs that preview links ask for them: that changes nothing.
        for method in ("GET", "HEAD", "GET"):
            assert asked(site.port, method, link)[0] == 200
        assert site.query("SELECT * FROM acks") == []
        assert asked(site.port, "POST", link, "name=")[0] == 400
        assert asked(site.port, "POST", link[:-1] + ("A" if link[-1] != "A" else "B"), "name=x")[0] == 410
        assert asked(site.port, "GET", "/")[0] == 404

        shown = re.search(r'name="shown" value="([0-9a-f ]+)"', asked(site.port, "GET", link)[1])[1]
        assert asked(site.port, "POST", link, "name=Sgt.+7")[0] == 410  # nothing was shown
        status, page = asked(site.port, "POST", link, f"name=Sgt.+7&shown={shown.replace(' ', '+')}")
        assert status == 200, page
        until(lambda: site.query("SELECT 1 FROM alerts WHERE acked_by = 'receiver:chief (Sgt. 7)'"))
        assert asked(site.port, "POST", link, "name=again")[0] == 410
        assert len(site.query("SELECT * FROM acks")) == 1

        sent = 'holdwatch_notices_total{channel="chief",outcome="sent",stage="escalated"} 1.0'
        until(lambda: sent in asked(site.metrics, "GET", "/metrics")[1])
        assert "B-1" not in asked(site.metrics, "GET", "/metrics")[1]
        assert asked(site.metrics, "GET", "/readyz") == (200, "ready\n")
        site.put("b.jsonl", lines([released("B-1", now)]))
        until(lambda: "closed" in [each["stage"] for each in told(sink)])
        assert site.open_findings() == Counter()
        # The secret of a link stands in the notice and nowhere else.
        token = link.rpartition("/")[2].rpartition(".")[2].encode()
        bodies = b"".join(row.body for row in site.query("SELECT body FROM entries"))
        assert token not in bodies + site.told.read_bytes()
        kinds = Counter(row.kind for row in site.query("SELECT kind FROM entries"))
        assert kinds["alert.acknowledged"] == 1


def killed(site: Alerted, sink: Sink, *, count: int, kills: int, dice: random.Random) -> None:
    """Kill the alerting process again and again while it has something to tell; then check what people got."""
    for _ in range(kills):
        seen = len(sink.got)
        site.alert()
        until(lambda seen=seen: len(sink.got) > seen)
        time.sleep(dice.uniform(0, 0.05))
        site.end_alert(signal.SIGKILL)
    on_record = {row.finding_id for row in site.query("SELECT finding_id FROM findings WHERE status = 'open'")}
    assert len(on_record) >= count
    site.alert()
    until(lambda: {each["finding_id"] for one in told(sink) for each in one["findings"]} >= on_record)
    until(lambda: not site.query("SELECT 1 FROM notices WHERE state = 'queued'"))
    assert site.end_alert() == 0
    assert site.open_findings() == Counter(on_record)
    got = ids(sink)
    assert sum(got.values()) - len(got) <= kills


def test_nothing_is_lost_and_each_kill_doubles_one_notice_at_the_most(tmp_path):
    with alerted(tmp_path, gather=0, window=0) as (site, sink):
        now = datetime.now(UTC)
        site.start()
        site.put("a.jsonl", [line for n in range(40) for line in lines(held(f"B-{n}", now - timedelta(days=2)))])
        site.raise_and_stop(40)
        killed(site, sink, count=40, kills=2, dice=random.Random(5))


def _waiting(site: Alerted) -> bool:
    """Whether somebody has still to be told of a violation, or of its step."""
    return bool(
        site.query(
            "SELECT finding_id FROM findings f WHERE rule = 'overdue_detainer_hold' AND NOT EXISTS ("
            "SELECT 1 FROM alert_findings m WHERE m.finding_id = f.finding_id AND m.told = 1) "
            "UNION SELECT notice_id FROM notices WHERE state = 'queued'"
        )
    )


@pytest.mark.by_hand
def test_500_in_a_minute_of_the_real_clock_with_kills(tmp_path):
    """Findings come due while the process is killed: the first notice within 60 seconds for 99 of 100."""
    with alerted(tmp_path, gather=10, window=5, wait=0.5) as (site, sink):
        site.start()
        begun = datetime.now(UTC) + timedelta(seconds=40)
        due = [begun + timedelta(seconds=60 * n / 500) for n in range(500)]
        events = [line for n, at in enumerate(due) for line in lines(held(f"B-{n}", at))]
        site.put("a.jsonl", events)
        dice = random.Random(11)
        kills = 0
        while datetime.now(UTC) < begun + timedelta(seconds=90):
            site.alert()
            until(lambda kills=kills: site.said.read_bytes().count(b"alerts.active") > kills)
            time.sleep(dice.uniform(2, 12))
            site.end_alert(signal.SIGKILL)
            kills += 1
        site.alert()
        until(lambda: site.query("SELECT 1 FROM alerts") and not _waiting(site), 240)
        raised = {
            row.finding_id: row.raised_at / 1e6
            for row in site.query("SELECT finding_id, raised_at FROM findings WHERE rule = 'overdue_detainer_hold'")
        }
        shift = time.time() - time.monotonic()
        first: dict[str, float] = {}
        for got in sink.got:
            for each in orjson.loads(got.body)["data"]["findings"]:
                first[each["finding_id"]] = min(first.get(each["finding_id"], 1e12), got.at + shift)
        took = sorted(first[each] - at for each, at in raised.items())
        doubled = sum(ids(sink).values()) - len(ids(sink))
        print(
            f"{len(took)} findings, {kills} kills: first notice p50 {took[250]:.1f} s, p99 {took[495]:.1f} s, "
            f"max {took[-1]:.1f} s; {doubled} doubled"
        )
        assert len(took) == 500
        assert took[495] <= 60
        assert doubled <= kills
        on_record = {row.finding_id for row in site.query("SELECT finding_id FROM findings WHERE status = 'open'")}
        assert site.open_findings() == Counter(on_record)
