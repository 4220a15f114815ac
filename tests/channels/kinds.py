"""One of each channel over HTTP, as a site would set it up, with a secret that must never be seen again."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from connectors.channels import Receiver, open_channel
from connectors.notice import Channel, Notice, Patience
from schemas.kinds import Severity

CANARY = "zyxquorn"
KEY = "zyxquorn0123456789abcdef01234567"
AT = datetime(2026, 3, 2, 3, 4, 5, 678901, tzinfo=UTC)
QUICK = Patience(attempts=3, seconds=60, first_wait=0.01, longest_wait=0.05)
NOTICE = Notice(
    id="n-1",
    at=AT,
    title="ALERT: B-100 held past release",
    text="Booking B-100\nRelease it.\n",
    type="holdwatch.alert.v1",
    data={"alert": "A1"},
    short="ALERT B-100 held past release 00:17",
    html="<p>Booking B-100</p>",
    key="A1",
    severity=Severity.VIOLATION,
    since=datetime(2026, 3, 2, 2, 47, tzinfo=UTC),
    link="https://holdwatch.example/a/1?t=2",
    site="example-county-jail",
)

Table = dict[str, Any]
_READ: TypeAdapter[Any] = TypeAdapter(Receiver)


def secret(folder: Path, content: str, name: str = "secret") -> Path:
    path = folder / name
    path.write_text(content + "\n")
    path.chmod(0o600)
    return path


def pagerduty(folder: Path, url: str) -> Table:
    return {"channel": "pagerduty", "url": url + "/v2/enqueue", "routing_key_file": secret(folder, KEY)}


def alertmanager(folder: Path, url: str) -> Table:
    return {"channel": "alertmanager", "urls": [url + "/prefix/"], "secret_file": secret(folder, KEY)}


def slack(folder: Path, url: str) -> Table:
    return {"channel": "chat", "service": "slack", "url_file": secret(folder, f"{url}/services/T0/B0/{KEY}")}


def teams(folder: Path, url: str) -> Table:
    return {"channel": "chat", "service": "teams", "url_file": secret(folder, f"{url}/workflows/x?sig={KEY}")}


def sms(folder: Path, url: str) -> Table:
    return {
        "channel": "sms",
        "url": url + "/messages",
        "template": json.dumps({"to": "{to}", "from": "{from}", "text": "{text}", "ref": "{id}"}),
        "sender": "holdwatch",
        "recipients": ["+15175550100"],
        "secret_file": secret(folder, KEY),
    }


OVER_HTTP: dict[str, Callable[[Path, str], Table]] = {
    "pagerduty": pagerduty,
    "alertmanager": alertmanager,
    "slack": slack,
    "teams": teams,
    "sms": sms,
}


def opened(table: Table, patience: Patience = QUICK) -> Channel:
    """Open a receiver, with a test's patience."""
    channel = open_channel(_READ.validate_python({"timeout_seconds": 15, **table}))
    channel._patience = patience
    if hasattr(channel, "_poster"):
        channel._poster._patience = patience
    return channel


async def sent(channel: Channel, notice: Notice = NOTICE) -> None:
    try:
        await channel.send(notice)
    finally:
        await channel.close()
