"""The same console over PostgreSQL."""

import re

import pytest

from integration.console.access import Scope
from integration.console.login import Refusal
from tests.console.site import HERE, PASSWORD, Console, fill
from tests.store.conftest import server as server  # noqa: PLC0414  a fixture, used below
from tests.store.postgres import Server


@pytest.fixture
def address(server: Server) -> str:
    return server.new_database()


async def test_board_search_and_accounts_work_when_the_database_is_postgresql(address, tmp_path):
    (tmp_path / "first").mkdir()
    extra = f'[database]\nurl = "{address}"\n'
    filled = fill(tmp_path / "first", extra=extra)
    console = Console(filled, tmp_path, extra)
    try:
        visitor = await console.visitor("compliance")
        assert "Booking B-1" in (await visitor.get("/board")).text
        assert (await visitor.get("/booking", params={"source": HERE, "number": "B-1"})).status_code == 200
        assert "message.decided" in (await visitor.get("/audit", params={"provision": "L8"})).text
        door = console.parts.door
        assert isinstance(door.log_in("auditor", PASSWORD, console.code("auditor"), "home"), str)
        for _ in range(5):
            assert door.log_in("auditor", "wrong horse", "", "elsewhere") in {Refusal.WRONG_PASSWORD, Refusal.SHUT}
        assert console.parts.accounts.account("auditor").state == "shut"
        assert "An account is locked" in (await visitor.get("/duties")).text
        assert door.log_in("auditor", "wrong horse", "", "home") is Refusal.WRONG_PASSWORD
        assert console.parts.accounts.account("auditor").state == "locked"
        assert door.log_in("nobody.at.all", "wrong horse", "", "home") is Refusal.UNKNOWN_ACCOUNT
        console.parts.people.unlock("auditor", by="test")
        key = console.parts.people.make_token("auditor", [Scope.AUDIT], 1, by="test")
        answer = await console.client().get("/api/v1/entries", headers={"authorization": f"Bearer {key}"})
        assert answer.json()["entries"]
        asked = {"kind": "council", "facility": HERE, "first": "2026-01-01", "last": "2026-12-31", "format": ["csv"]}
        begun = await visitor.post("/reports", page="/reports", **asked)
        job = begun.headers["location"].rpartition("/")[2]
        assert console.app._app.state.jobs.wait(job, 60)
        assert console.app._app.state.jobs.job(job).why == ""
        form = {"source": HERE, "kind": "notice", "summary": "a paper", "complaint_id": "C-1"}
        assert (await visitor.post("/complaints", page="/complaints", **form)).status_code == 303
        again = await visitor.post("/complaints", page="/complaints", **form)
        assert "of that number already" in again.text
        closed = await visitor.post("/complaints/close", page="/complaints", **form, outcome="withdrawn")
        assert closed.status_code == 303
        assert (await visitor.post("/audit/searches", page="/audit", name="n", text="x")).status_code == 303
        page = await visitor.get("/audit/review")
        times = {name: re.search(rf'name="{name}" value="(\d+)"', page.text)[1] for name in ("since", "until")}
        assert "finding.raised: open" in page.text
        signed = {**times, "looked": ["logins"], "result": "nothing_unusual"}
        assert (await visitor.post("/audit/review", page="/audit/review", **signed)).status_code == 303
        assert "Look through the audit log" in (await visitor.get("/duties")).text
        for form in ("csv", "xlsx"):
            assert (await visitor.post("/audit/export", page="/audit", format=form)).status_code == 200
        console.parts.log_end.publish()
        await visitor.post("/audit/verify", page="/audit")
        console.app_verifier().wait(30)
        assert "nothing is wrong" in (await visitor.get("/audit")).text
    finally:
        await console.close()
