"""``holdwatch alerts`` and ``holdwatch duties`` as people type them, over a real installation."""

import threading
from datetime import UTC, datetime, timedelta

import orjson
from typer.testing import CliRunner, Result

from integration.cli.app import app
from integration.errors import UsageError
from tests.alerts.processes import alerted, told
from tests.alerts.site import held
from tests.watch.sink import until


def typed(*words: object) -> Result:
    """Run a command in this process: a dozen of their own would take half a minute."""
    result = CliRunner().invoke(app, [*map(str, words)])
    if result.exception is not None and not isinstance(result.exception, SystemExit | UsageError):
        raise result.exception
    return result


def test_people_see_answer_silence_try_and_exercise_by_command(tmp_path, monkeypatch):
    # It would send this process's log to the runner's own standard error, which is closed after each command.
    monkeypatch.setattr("integration.cli.opening.configure_logs", lambda _level: None)
    with alerted(tmp_path, gather=0, beside=True) as (site, sink):
        at = ("--settings", site.settings)
        now = datetime.now(UTC)
        site.start()
        events = [{**each, "source": "/jms/a"} for each in held("B-[1]", now - timedelta(hours=30))]
        site.put("a.jsonl", [orjson.dumps(each) for each in events])
        until(lambda: told(sink))

        listed = orjson.loads(typed("alerts", "list", "--json", *at).stdout)
        (alert,) = [each["alert"] for each in listed["alerts"] if each["rule"] == "overdue_detainer_hold"]
        assert "B-[1]" in typed("alerts", "list", *at).stdout
        acked = typed("alerts", "ack", alert, "--actor", "officer:jdoe", *at)
        assert acked.exit_code == 0, acked.output
        assert typed("alerts", "ack", "a00000000", *at).exit_code != 0

        silence = ("alerts", "silence", "--minutes", "5", "--reason", "wrong feed", "--actor", "officer:x")
        assert typed(*silence, "--facility", "/jms/none", *at).exit_code != 0
        assert typed(*silence, "--booking", "B-9", *at).exit_code == 0
        (quiet,) = orjson.loads(typed("alerts", "list", "--json", *at).stdout)["silences"]
        assert (quiet["booking"], quiet["reason"], quiet["author"]) == ("B-9", "wrong feed", "officer:x")

        tried = typed("alerts", "test", "desk", "--actor", "officer:x", *at)
        assert tried.stdout.strip() == "desk: taken"
        assert told(sink)[-1]["stage"] == "test"

        def answer() -> None:
            drill = until(lambda: [each for each in told(sink) if each["exercise"] and each["stage"] == "first"])[0]
            # Answered before it is on record that the desk has been told, the report would not say so.
            until(lambda: site.query(f"SELECT 1 FROM notices WHERE state = 'sent' AND alert_id = '{drill['alert']}'"))
            typed("alerts", "ack", drill["alert"], "--actor", "officer:night", *at)

        answering = threading.Thread(target=answer)
        answering.start()
        drilled = typed("alerts", "drill", "--facility", "/jms/b", "--wait-minutes", "1", "--json", *at)
        answering.join()
        report = orjson.loads(drilled.stdout)
        assert drilled.exit_code == 0
        assert [by for by, _ in report["acknowledged"]] == ["officer:night"]
        assert [(row[0], row[2]) for row in report["notices"]][:1] == [("desk", "sent")]

        shown = orjson.loads(typed("alerts", "show", alert, "--json", *at).stdout)
        assert shown["acks"][0]["by"] == "officer:jdoe"
        assert {row["state"] for row in shown["notices"]} == {"sent"}
        owed = orjson.loads(typed("duties", "list", "--json", *at).stdout)
        assert [each["kind"] for each in owed] == ["notice", "audit_review"]
        assert typed("duties", "done", "audit_review", "--actor", "officer:x", *at).exit_code == 0
        assert typed("audit", "verify", *at).exit_code == 0
