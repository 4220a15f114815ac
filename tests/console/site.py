"""A console over a real installation of two facilities, filled by the real desk; and a browser without scripts."""

import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import argon2
import httpx
import orjson
import pyotp

from integration.bootstrap import open_desk, open_installation
from integration.console.access import Role
from integration.console.app import create_app
from integration.console.parts import Parts, open_parts
from integration.domain.instants import SECOND
from integration.services.intake import Input, Intake
from integration.settings import Settings, load_settings
from integration.store.accounts import Grant

URL = "https://console.example"
HERE, THERE = "/jms/here", "/jms/there"
NOW = 1_772_479_800 * SECOND
"""2 March 2026, 14:30 in Detroit."""
QUICK = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
PASSWORD = "correct horse battery staple"

SETTINGS = """
[site]
name = "test-jail"
state_dir = "{root}/state"
[log]
origin = "audit.example/test-2026"
[console]
url = "{url}"
[[facilities]]
source = "/jms/here"
zone = "America/Detroit"
packs = [{{ pack = "lansing-eo-2017-01" }}]
[[facilities]]
source = "/jms/there"
zone = "America/Detroit"
packs = [{{ pack = "lansing-eo-2017-01" }}]
"""

HOSTILE = '<script>alert(1)</script><img src=x onerror=alert(2)>"\'&=HYPERLINK("x")\u202egnp.exe'


def event(number: int, kind: str, hour: str, data: dict[str, Any], booking: str = "B-1", source: str = HERE):  # noqa: PLR0917
    return {
        "specversion": "1.0",
        "id": f"e-{number}",
        "source": source,
        "type": f"jail.{kind}.v1",
        "subject": booking,
        "time": f"2026-03-02T{hour}:00-05:00",
        "data": data,
    }


PERSON = {"family_name": "Quillfeather", "given_name": "Zebulonia", "birth_date": "1987-11-23"}
MESSAGE = {
    "message_id": "M-1",
    "channel": "smtp",
    "sender": {"user": "desk"},
    "recipients": [{"address": "intake@ice.example", "agency": "ICE ERO Detroit"}],
    "content": {"release_time": "soon"},
    "text": "Zebulonia Quillfeather leaves at four.",
}
FORM = {"document": {"form": "I-247A"}}
DUE = {"reason": "charges_dropped"}
EVENTS = [
    event(1, "booking.opened", "08:00", {"person": PERSON}),
    event(2, "hold.placed", "08:00", {"hold_id": "H-1", "kind": "arrest"}),
    event(3, "hold.placed", "09:00", {"hold_id": "H-2", "kind": "immigration_detainer", **FORM}),
    event(4, "message.requested", "09:30", MESSAGE),
    event(5, "release.due", "10:00", {"due_at": "2026-03-02T12:00:00-05:00", **DUE}),
    event(6, "booking.opened", "11:00", {"person": PERSON}, "B-2"),
    event(7, "hold.placed", "11:00", {"hold_id": "H-1", "kind": "arrest"}, "B-2"),
    event(8, "hold.placed", "11:30", {"hold_id": "H-2", "kind": "immigration_detainer"}, "B-2"),
    event(9, "release.due", "12:00", {"due_at": "2026-03-02T17:00:00-05:00", **DUE}, "B-2"),
    event(20, "booking.opened", "08:00", {"person": PERSON}, "T-1", THERE),
    event(21, "hold.placed", "08:00", {"hold_id": "H-1", "kind": "immigration_detainer"}, "T-1", THERE),
    event(30, "booking.opened", "08:00", {"person": PERSON}, HOSTILE),
    event(31, "hold.placed", "08:30", {"hold_id": "H-1", "kind": "immigration_detainer"}, HOSTILE),
    # refused: an unknown field, and markup where it is shown whole
    event(50, "booking.opened", "08:00", {"person": PERSON, "nickname": HOSTILE}, "B-5"),
]  # fmt: skip

PEOPLE = {
    "supervisor": (Grant(Role.SUPERVISOR, ""),),
    "compliance": (Grant(Role.COMPLIANCE, ""),),
    "approver": (Grant(Role.APPROVER, ""),),
    "auditor": (Grant(Role.AUDITOR, ""),),
    "administrator": (Grant(Role.ADMINISTRATOR, ""),),
    "wall": (Grant(Role.WALL, ""),),
    "local": (Grant(Role.COMPLIANCE, THERE), Grant(Role.ADMINISTRATOR, THERE)),
    "nobody": (),
}
"""One of each role everywhere; one for the other facility alone; one without any role."""


@dataclass
class Clock:
    at: int = NOW

    def now(self) -> int:
        return self.at


@dataclass
class Filled:
    """An installation on the disk, and the secrets of its people."""

    root: Path
    secrets: dict[str, str] = field(default_factory=dict)

    def settings(self, root: Path | None = None, url: str = URL, extra: str = "") -> Settings:
        root = root or self.root
        path = root / "holdwatch.toml"
        path.write_text(SETTINGS.format(root=root, url=url) + extra)
        return load_settings(path)


def fill(root: Path, *, hostile: bool = True, extra: str = "", at: int = NOW) -> Filled:
    """Take the events in, and add the people. Args: ``hostile``: with a booking number that is markup."""
    filled = Filled(root)
    settings = filled.settings(extra=extra)
    installation = open_installation(settings)
    desk = open_desk(installation.store, installation.pack_for, place="test-jail", earlier=installation.packs)
    inputs = [
        Input(f"/drop/day.jsonl:{n}", orjson.dumps(each))
        for n, each in enumerate(EVENTS, 1)
        if hostile or each["subject"] != HOSTILE
    ]
    Intake(desk).take(inputs, lambda _event: at, pass_time=desk.advance)
    desk.advance(at)
    installation.checkpointer.publish()
    installation.store.close()
    parts = open_parts(settings, now=Clock(at).now, hasher=QUICK)
    for name, grants in PEOPLE.items():
        filled.secrets[name] = parts.people.add(name, PASSWORD, grants, by="test")
    parts.search.catch_up()
    parts.close()
    return filled


class Console:
    """The console of one test."""

    def __init__(self, filled: Filled, root: Path, extra: str = "") -> None:
        shutil.copytree(filled.root / "state", root / "state")
        self.root, self.secrets, self.clock = root, filled.secrets, Clock()
        self.settings = filled.settings(root, extra=extra)
        self.parts: Parts = open_parts(self.settings, now=self.clock.now, hasher=QUICK)
        self.app = create_app(self.parts)
        self._clients: list[httpx.AsyncClient] = []

    def client(self, **headers: str) -> httpx.AsyncClient:
        client = httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url=URL, headers=headers, timeout=30)
        self._clients.append(client)
        return client

    def code(self, name: str) -> str:
        return pyotp.TOTP(self.secrets[name]).at(self.clock.at // SECOND)

    async def visitor(self, name: str) -> "Visitor":
        visitor = Visitor(self, self.client())
        answer = await visitor.log_in(name)
        assert answer.status_code == 303, answer.text
        # The same code is not taken twice.
        self.clock.at += 30 * SECOND
        return visitor

    def entries(self, kind: str) -> list[dict[str, Any]]:
        return [orjson.loads(row.body) for row in self.parts.records.entries_of_kinds([kind])]

    async def close(self) -> None:
        for client in self._clients:
            await client.aclose()
        self.app_verifier().wait(60)
        self.parts.close()

    def app_verifier(self):
        return self.app._app.state.verifier


TOKEN = re.compile(r'name="csrf" value="([0-9a-f]{64})"')


class Visitor:
    """Somebody with a browser that runs no scripts."""

    def __init__(self, console: Console, client: httpx.AsyncClient) -> None:
        self.console, self.client = console, client

    async def log_in(self, name: str, password: str = PASSWORD, code: str | None = None, agreed="yes", to="/"):
        page = await self.client.get("/login")
        form = {
            "csrf": TOKEN.search(page.text)[1],
            "name": name,
            "password": password,
            "code": self.console.code(name) if code is None and name in self.console.secrets else code or "000000",
            "agreed": agreed,
            "to": to,
        }
        return await self.client.post("/login", data=form)

    async def get(self, path: str, **more):
        return await self.client.get(path, **more)

    async def token(self, page: str = "/policy") -> str:
        answer = await self.client.get(page)
        found = TOKEN.search(answer.text)
        return found[1] if found else "0" * 64

    async def post(self, path: str, page: str = "/policy", **data: Any):
        return await self.client.post(path, data={"csrf": await self.token(page), **data})

    async def prove(self, name: str):
        answer = await self.post("/again", password=PASSWORD, code=self.console.code(name))
        self.console.clock.at += 30 * SECOND
        return answer
