"""The real engine and the real alerting process over one installation; a receiver on loopback, one by command."""

import signal
import subprocess
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from tests.conftest import COMMAND, environment
from tests.faults.service import Service
from tests.ports import free_port
from tests.watch.sink import Sink, listening, secret_file, until

ALERTS = """
[alerts]
beside_engine = {beside}
metrics_port = {metrics}
receivers = [
  {{ channel = "webhook", name = "desk", url = "{url}/desk", secret_file = "{secret}", timeout_seconds = 15 }},
  {{ channel = "command", name = "chief", argv = ["/usr/bin/tee", "-a", "{root}/chief.txt"] }},
]
shifts = [{{ name = "watch", path = "{root}/watch.toml" }}]
[[alerts.routes]]
name = "all"
gather_seconds = {gather}
window_minutes = {window}
steps = [
  {{ receivers = ["desk"], wait_minutes = {wait} }},
  {{ shifts = ["watch"], wait_minutes = 5 }},
  {{ receivers = ["chief"] }},
]
[alerts.page]
url = "http://127.0.0.1:{port}"
port = {port}
"""


class Alerted(Service):
    """An installation that tells people."""

    def __init__(self, root: Path, sink: Sink, *, gather: float, window: float, wait: float, beside: bool) -> None:
        super().__init__(root)
        self.port, self.metrics = free_port(), free_port()
        secret = secret_file(root)
        with self.settings.open("a") as settings:
            values = {"root": root, "url": sink.url, "secret": secret, "port": self.port, "metrics": self.metrics}
            settings.write(ALERTS.format(**values, gather=gather, window=window, wait=wait, beside=str(beside).lower()))
        (root / "watch.toml").write_text("")
        self.said = root / "alerts.log"
        self.alerter: subprocess.Popen[bytes] | None = None

    def alert(self) -> None:
        with self.said.open("ab") as said:
            command = [*COMMAND, "alerts", "run", "--settings", str(self.settings)]
            self.alerter = subprocess.Popen(command, stdout=said, stderr=said, env=environment())

    def end_alert(self, number: int = signal.SIGTERM) -> int:
        assert self.alerter is not None
        self.alerter.send_signal(number)
        return self.alerter.wait(timeout=60)

    def query(self, sql: str) -> Sequence[Any]:
        engine = create_engine(f"sqlite:///{self.root / 'state' / 'holdwatch.sqlite'}")
        try:
            with engine.connect() as connection:
                return connection.execute(text(sql)).all()
        finally:
            engine.dispose()

    def open_findings(self) -> Counter[str]:
        rows = self.query(
            "SELECT m.finding_id FROM alert_findings m JOIN alerts a ON a.alert_id = m.alert_id "
            "WHERE m.ended_at IS NULL AND a.closed_at IS NULL"
        )
        return Counter(row.finding_id for row in rows)

    def raise_and_stop(self, count: int) -> None:
        """Let the engine raise so many open findings, and die: what it has told nobody is to be found by alerting."""
        until(lambda: self._raised() >= count)
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def _raised(self) -> int:
        database = self.root / "state" / "holdwatch.sqlite"
        if not database.exists():
            return 0
        try:
            return int(self.query("SELECT COUNT(*) AS n FROM findings WHERE status = 'open'")[0].n)
        except OperationalError:  # it is just being made
            return 0

    def clean_up(self) -> None:
        for process in (self.process, self.alerter):
            if process is not None and process.poll() is None:
                process.kill()
                process.wait()


@contextmanager
def alerted(
    root: Path, *, gather: float = 1, window: float = 5, wait: float = 5, beside: bool = False
) -> Iterator[tuple[Alerted, Sink]]:
    with listening() as sink:
        made = Alerted(root / "site", sink, gather=gather, window=window, wait=wait, beside=beside)
        try:
            yield made, sink
        finally:
            made.clean_up()


def told(sink: Sink) -> list[dict[str, Any]]:
    """What the desk was told, in order."""
    return [orjson.loads(got.body)["data"] for got in list(sink.got)]


def ids(sink: Sink) -> Counter[str]:
    """Ids of the notices that the desk has got."""
    return Counter(got.headers["webhook-id"] for got in list(sink.got))
