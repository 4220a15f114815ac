"""``holdwatch alerts`` and ``holdwatch duties`` as people type them, over a real installation."""

import threading
import time
from datetime import UTC, datetime, timedelta

import orjson

from tests.alerts.processes import alerted, told
from tests.alerts.site import held
from tests.watch.sink import until


def test_people_see_answer_silence_try_and_exercise_by_command(tmp_path, holdwatch):
    with alerted(tmp_path, gather=0) as (site, sink):
        at = ("--settings", site.settings)
        now = datetime.now(UTC)
        site.start()
        events = [{**each, "source": "/jms/a"} for each in held("B-[1]", now - timedelta(hours=30))]
        site.put("a.jsonl", [orjson.dumps(each) for each in events])
        site.raise_and_stop(1)
        site.alert()
        until(lambda: told(sink))

        listed = orjson.loads(holdwatch("alerts", "list", "--json", *at).stdout)
        (alert,) = [each["alert"] for each in listed["alerts"] if each["rule"] == "overdue_detainer_hold"]
        assert "B-[1]" in holdwatch("alerts", "list", *at).stdout.decode()
        acked = holdwatch("alerts", "ack", alert, "--actor", "officer:jdoe", *at)
        assert acked.returncode == 0, acked.stderr
        assert holdwatch("alerts", "ack", "a00000000", *at).returncode == 2

        silence = ("alerts", "silence", "--minutes", "5", "--reason", "wrong feed", "--actor", "officer:x")
        assert holdwatch(*silence, "--facility", "/jms/none", *at).returncode == 2
        assert holdwatch(*silence, "--booking", "B-9", *at).returncode == 0
        (quiet,) = orjson.loads(holdwatch("alerts", "list", "--json", *at).stdout)["silences"]
        assert (quiet["booking"], quiet["reason"], quiet["author"]) == ("B-9", "wrong feed", "officer:x")

        tried = holdwatch("alerts", "test", "desk", "--actor", "officer:x", *at)
        assert tried.stdout.decode().strip() == "desk: taken"
        assert told(sink)[-1]["stage"] == "test"

        def answer() -> None:
            drill = until(lambda: [each for each in told(sink) if each["exercise"] and each["stage"] == "first"])[0]
            time.sleep(0.1)
            holdwatch("alerts", "ack", drill["alert"], "--actor", "officer:night", *at)

        answering = threading.Thread(target=answer)
        answering.start()
        drilled = holdwatch("alerts", "drill", "--facility", "/jms/b", "--wait-minutes", "1", "--json", *at)
        answering.join()
        report = orjson.loads(drilled.stdout)
        assert drilled.returncode == 0
        assert [by for by, _ in report["acknowledged"]] == ["officer:night"]
        assert [(row[0], row[2]) for row in report["notices"]] == [("desk", "sent")]

        shown = orjson.loads(holdwatch("alerts", "show", alert, "--json", *at).stdout)
        assert shown["acks"][0]["by"] == "officer:jdoe"
        assert {row["state"] for row in shown["notices"]} == {"sent"}
        owed = orjson.loads(holdwatch("duties", "list", "--json", *at).stdout)
        assert [each["kind"] for each in owed] == ["notice", "audit_review"]
        assert holdwatch("duties", "done", "audit_review", "--actor", "officer:x", *at).returncode == 0
        assert site.end_alert() == 0
        assert holdwatch("audit", "verify", *at).returncode == 0
