"""No answer pretends: with the database gone, whatever needs it says so, and nothing else is asked of anybody."""

from base64 import b64encode

import argon2
import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from integration.console.access import Role, Scope
from integration.console.entering import BEFORE
from integration.console.guard import cookie_name
from integration.console.login import csrf_of
from integration.errors import TransientError
from integration.store.accounts import Grant
from tests.console.site import HERE, PASSWORD, THERE, Console
from tests.console.test_access import API, EXPECTED, FORM, PUBLIC, QUERY, STREAM, filled_in
from tests.console.test_deciding import EXTRA
from tests.console.test_reports import made

DOOR = ("accounts", "sessions", "grants", "api_tokens")
"""What is asked before anything else: who it is."""


class Gone:
    """The database, but for who may come in: locked by somebody else, and for ever."""

    def __enter__(self):
        event.listen(Engine, "before_cursor_execute", self._refuse)
        return self

    def __exit__(self, *_error):
        event.remove(Engine, "before_cursor_execute", self._refuse)

    @staticmethod
    def _refuse(_connection, _cursor, statement, *_more) -> None:
        asked = f"{statement} ".replace("\n", " ")
        if not any(f"FROM {table} " in asked or f"UPDATE {table} " in asked for table in DOOR):
            raise OperationalError(statement, {}, Exception("database is locked"))


@pytest.fixture
async def console(filled, tmp_path):
    console = Console(filled, tmp_path, EXTRA)
    yield console
    await console.close()


NEEDS_NONE = {
    "GET /", "GET /again", "GET /account", "GET /login", "GET /papers", "GET /users", "GET /users/{name}",
    "GET /reports/reconcile", "GET /static/{name}", "GET /policy", "GET /policy/{pack}", "GET /policy/{pack}/decide",
    "GET /api/v1/openapi.json", "GET /api/v1/packs", "GET /api/v1/packs/{pack}",
    "GET /api/v1/packs/{pack}/compare/{other}", "GET /api/v1/packs/{pack}/decide/{action}", "GET /api/v1/accounts",
    "GET /api/v1/accounts/{name}",
}  # fmt: skip
"""Who it is, and what was read when the console began, is all that they tell."""
IN_MEMORY = {
    "GET /reports/jobs/{job}", "GET /reports/jobs/{job}/now", "GET /api/v1/reports/jobs/{job}",
    "GET /api/v1/verification",
}  # fmt: skip
BEGUN = {"POST /reports", "POST /reports/reconcile", "POST /audit/verify", "POST /api/v1/reports",
         "POST /api/v1/reconciliations", "POST /api/v1/verification"}  # fmt: skip
"""Begun, and then the page of how far it is says that it failed."""
NO_PROVIDER = {"POST /login/provider", "GET /login/back", "POST /again/provider"}
DAYS = {"facility": HERE, "first": "2026-01-01", "last": "2026-12-31"}
COMPLAINT = {"source": HERE, "kind": "detention", "summary": "x"}
LIST = b64encode(b"received\n2026-03-02\n").decode()
PAPER = {"source": HERE, "booking": "B-1", "at": "2026-03-02T13:00"}
NEW = "a staple horse, corrected"
BODIES = {
    "POST /account/password": {"password": NEW, "repeated": NEW},
    "POST /users": {"name": "new.one", "grant": "auditor@*"},
    "POST /audit/searches": {"name": "x", "text": "x"},
    "POST /complaints": COMPLAINT,
    "POST /papers": {**PAPER, "kind": "judicial_warrant"},
    "POST /papers/about": {**PAPER, "act": "withdrawn", "hold_id": "H-2"},
    "POST /reports": {**DAYS, "kind": "holds", "format": "json"},
    "POST /api/v1/alerts/{alert}/acknowledge": {"findings": ["x"]},
    "POST /api/v1/complaints": COMPLAINT,
    "POST /api/v1/complaints/show": {"source": HERE, "complaint": "C-1"},
    "POST /api/v1/complaints/close": {"source": HERE, "complaint": "C-1", "outcome": "withdrawn"},
    "POST /api/v1/deadletters/resubmit": {"reason": "x"},
    "POST /api/v1/duties/done": {"duty": "x"},
    "POST /api/v1/papers": {**PAPER, "kind": "judicial_warrant"},
    "POST /api/v1/papers/about": {**PAPER, "act": "withdrawn", "hold_id": "H-2"},
    "POST /api/v1/reports": {**DAYS, "kind": "holds", "formats": ["json"]},
    "POST /api/v1/reconciliations": {**DAYS, "paper": LIST, "formats": ["json"]},
    "POST /api/v1/reviews": {
        "since": "2026-03-02T19:30:00Z", "until": "2026-03-02T19:30:00Z", "looked_at": ["logins"],
        "result": "nothing_unusual",
    },
    "POST /api/v1/searches": {"name": "x", "filters": {"text": "x"}},
}  # fmt: skip


async def test_each_route_says_that_it_failed_when_the_database_is_gone(console):
    grants = [Grant(role, "") for role in Role if role is not Role.WALL]
    console.secrets["everything"] = console.parts.people.add("everything", PASSWORD, grants, by="test")
    key = console.parts.people.make_token("everything", list(Scope), 1, by="test")
    secret = console.parts.door.log_in("everything", PASSWORD, console.code("everything"))
    before = f"{cookie_name(console.parts)}{BEFORE}=b"
    client, wrong = console.client(cookie=f"{cookie_name(console.parts)}={secret}; {before}"), {}
    with Gone():
        for route in {*EXPECTED, *API, *PUBLIC} - NO_PROVIDER - {STREAM}:
            method, path = filled_in(route)
            given = BODIES.get(route, {})
            params = QUERY if "timeline" in path or "booking" in path else {}
            if "/api/" in path:
                body = {"json": given} if given else {}
                answer = await client.request(
                    method, path, params=params, headers={"authorization": f"Bearer {key}"}, **body
                )
            else:
                token = csrf_of("b" if path == "/login" else secret)
                form = {"data": {"csrf": token, **FORM, "agreed": "yes", **given}} if method == "POST" else {}
                if route == "POST /reports/reconcile":
                    form["files"] = {"paper": ("x.csv", "received\n2026-03-02\n")}
                    form["data"] |= {**DAYS, "format": "json"}
                answer = await client.request(method, path, params=params, **form)
            status = answer.status_code
            alright = (
                status < 404 or route == "GET /static/{name}"
                if route in NEEDS_NONE
                else status in {202, 303}
                if route in BEGUN
                else status in {200, 404}
                if route in IN_MEMORY
                else status == 503
            )
            wrong |= {} if alright else {route: status}
        console.app_verifier().wait(60)
        jobs = console.app._app.state.jobs
        for job in list(jobs._jobs):
            assert jobs.wait(job, 60)
    assert wrong == {}
    assert {job.state.value for job in jobs._jobs.values()} == {"failed"}
    assert len(jobs._jobs) == 4
    assert not console.app_verifier().last.ok


async def test_right_password_is_no_wrong_try_when_it_could_not_be_checked(console, monkeypatch):
    def full(*_given):
        raise argon2.exceptions.VerificationError("Memory allocation error")

    with monkeypatch.context() as patched:
        patched.setattr(argon2.PasswordHasher, "verify", full)
        for _ in range(6):
            with pytest.raises(TransientError):
                console.parts.door.log_in("supervisor", PASSWORD, console.code("supervisor"))
    assert console.parts.accounts.tries_since("supervisor", 0) == (0, 0)
    assert isinstance(console.parts.door.log_in("supervisor", PASSWORD, console.code("supervisor")), str)


async def test_file_that_was_altered_or_cannot_be_read_is_told_in_the_log_when_somebody_takes_it(console):
    visitor = await console.visitor("compliance")
    job = await made(visitor, forms=["csv", "json"])
    folder = console.app._app.state.jobs.folder
    csv, json = next(folder.glob("*.csv")), next(folder.glob("*.json"))
    csv.write_bytes(csv.read_bytes() + b"\n")
    json.unlink()
    json.mkdir()
    with capture_logs() as logs:
        assert (await visitor.get(f"/reports/{job.index}/file/csv")).status_code == 410
        assert (await visitor.get(f"/reports/{job.index}/file/json")).status_code == 500
    assert [each["event"] for each in logs] == ["console.report_altered", "console.failed"]


async def test_checkpoint_that_cannot_be_read_is_a_trouble_and_not_one_that_was_never_signed(console):
    visitor = await console.visitor("compliance")
    anchor = console.settings.anchor_file
    assert "cannot be read" not in (await visitor.get("/health")).text
    anchor.write_bytes(b"no checkpoint")
    page = await visitor.get("/health")
    assert "the last signed checkpoint cannot be read" in page.text
    anchor.unlink()
    assert "cannot be read" not in (await visitor.get("/health")).text, "there may be none yet"


async def test_every_role_is_given_when_there_are_more_than_a_hundred(console):
    # 14 facilities and every role: what a form sends is never cut off in silence.
    visitor = await console.visitor("administrator")
    grants = [f"{role}@{source}" for role in ("supervisor", "auditor") for source in (HERE, THERE)]
    answer = await visitor.post("/users/nobody/roles", grant=[*["wall@*"] * 100, *grants])
    assert answer.status_code == 303
    assert len(console.parts.accounts.grants("nobody")) == 5


async def test_search_is_refused_and_not_cut_off_when_a_filter_is_too_long(console):
    visitor = await console.visitor("compliance")
    answer = await visitor.post("/audit/searches", page="/audit", name="long", text="x" * 201)
    assert answer.status_code == 400
    assert console.entries("search.saved") == []
