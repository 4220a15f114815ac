"""Every route, every role, every way to have no right: as this table says, which is not the program's own."""

import asyncio

import pytest
from fastapi import APIRouter

from integration.console import app as app_module
from integration.console import board
from integration.console.access import ROUTES, Scope
from integration.console.app import create_app
from integration.domain.instants import DAY, HOUR, MINUTE
from integration.errors import FatalError
from tests.console.site import HERE, PEOPLE, URL

# S supervisor, C compliance, P approver, U auditor, A administrator, W wall; L compliance and administrator at another
# facility alone; N nobody: logs in and has no role
EXPECTED = {
    "GET /": "SCPUAWL",
    "GET /again": "SCPUAWL",
    "POST /again": "SCPUAWL",
    "POST /again/provider": "SCPUAWL",
    "GET /account": "SCPUAL",
    "POST /account/password": "SCPUAL",
    "GET /board": "SCPUL",
    "GET /board/events": "SCPUWL",
    "GET /wall": "SCPUWL",
    "GET /booking": "SCPUL",
    "GET /health": "SCPUAL",
    "GET /audit": "CUL",
    "GET /audit/entry/{index}": "CUL",
    "GET /audit/entry/{index}/proof": "CUL",
    "GET /audit/entry/{index}/opened": "CUL",
    "POST /audit/verify": "CU",
    "POST /audit/export": "CUL",
    "POST /audit/searches": "CUL",
    "POST /audit/searches/remove": "CUL",
    "GET /audit/review": "CU",
    "POST /audit/review": "C",
    "GET /reports": "CUL",
    "POST /reports": "CUL",
    "GET /reports/reconcile": "CUL",
    "POST /reports/reconcile": "CUL",
    "GET /reports/jobs/{job}": "CUL",
    "GET /reports/jobs/{job}/now": "CUL",
    "POST /reports/{index}/again": "CUL",
    "GET /reports/{index}/file/{form}": "CUL",
    "GET /duties": "SCUL",
    "POST /duties/done": "SCL",
    "GET /complaints": "SCUL",
    "POST /complaints": "SCL",
    "POST /complaints/show": "CL",
    "POST /complaints/close": "CL",
    "POST /alerts/ack": "S",
    "GET /papers": "SCL",
    "POST /papers": "SCL",
    "POST /papers/about": "SCL",
    "GET /quarantine": "SCPL",
    "POST /quarantine/show": "P",
    "POST /quarantine/ask": "SCPL",
    "POST /quarantine/approve": "P",
    "POST /quarantine/deny": "P",
    "POST /quarantine/withdraw": "P",
    "POST /quarantine/settle": "P",
    "GET /policy": "SCPUAL",
    "GET /policy/{pack}": "SCPUAL",
    "GET /policy/{pack}/decide": "SCPUAL",
    "GET /deadletters": "CA",
    "POST /deadletters/resubmit": "CA",
    "POST /deadletters/{number}/show": "CA",
    "POST /deadletters/{number}/resubmit": "CA",
    "GET /users": "A",
    "POST /users": "A",
    "GET /users/{name}": "A",
    "POST /users/{name}/roles": "A",
    "POST /users/{name}/unlock": "A",
    "POST /users/{name}/disable": "A",
    "POST /users/{name}/enable": "A",
    "POST /users/{name}/logout": "A",
    "POST /logout": "SCPUAWL",
}
API = {
    "GET /api/v1/openapi.json": ("SCPUAL", "board:read"),
    "GET /api/v1/findings": ("SCPUL", "board:read"),
    "GET /api/v1/bookings/timeline": ("SCPUL", "board:read"),
    "GET /api/v1/health": ("SCPUAL", "board:read"),
    "GET /api/v1/entries": ("CUL", "audit:read"),
    "GET /api/v1/entries/{index}": ("CUL", "audit:read"),
    "GET /api/v1/entries/{index}/proof": ("CUL", "audit:export"),
    "GET /api/v1/packs": ("SCPUAL", "policy:read"),
    "GET /api/v1/packs/{pack}/compare/{other}": ("SCPUAL", "policy:read"),
    "GET /api/v1/packs/{pack}/decide/{action}": ("SCPUAL", "policy:read"),
    "GET /api/v1/export": ("CUL", "audit:export"),
    "GET /api/v1/reports": ("CUL", "audit:read"),
    "POST /api/v1/reports": ("CUL", "audit:export"),
    "POST /api/v1/reconciliations": ("CUL", "audit:export"),
    "GET /api/v1/reports/jobs/{job}": ("CUL", "audit:export"),
    "POST /api/v1/reports/{index}/again": ("CUL", "audit:export"),
    "GET /api/v1/reports/{index}/files/{form}": ("CUL", "audit:export"),
    "GET /api/v1/duties": ("SCUL", "board:read"),
    "GET /api/v1/complaints": ("SCUL", "board:read"),
    "GET /api/v1/reviews": ("CU", "audit:read"),
    "GET /api/v1/board": ("SCPUL", "board:read"),
    "POST /api/v1/alerts/{alert}/acknowledge": ("S", "alerts:acknowledge"),
    "POST /api/v1/duties/done": ("SCL", "duties:done"),
    "POST /api/v1/papers": ("SCL", "papers:enter"),
    "POST /api/v1/papers/about": ("SCL", "papers:enter"),
    "POST /api/v1/complaints": ("SCL", "complaints:write"),
    "POST /api/v1/complaints/show": ("CL", "complaints:show"),
    "POST /api/v1/complaints/close": ("CL", "complaints:write"),
    "GET /api/v1/quarantine": ("SCPL", "quarantine:read"),
    "POST /api/v1/quarantine/{message}/show": ("P", "quarantine:show"),
    "POST /api/v1/quarantine/{message}/ask": ("SCPL", "quarantine:ask"),
    "GET /api/v1/deadletters": ("CA", "deadletters:read"),
    "POST /api/v1/deadletters/resubmit": ("CA", "deadletters:resubmit"),
    "POST /api/v1/deadletters/{number}/show": ("CA", "deadletters:show"),
    "POST /api/v1/deadletters/{number}/resubmit": ("CA", "deadletters:resubmit"),
    "GET /api/v1/entries/{index}/opened": ("CUL", "audit:export"),
    "GET /api/v1/verification": ("CU", "audit:read"),
    "POST /api/v1/verification": ("CU", "audit:verify"),
    "POST /api/v1/reviews": ("C", "audit:review"),
    "GET /api/v1/searches": ("CUL", "audit:read"),
    "POST /api/v1/searches": ("CUL", "searches:write"),
    "DELETE /api/v1/searches/{search}": ("CUL", "searches:write"),
    "GET /api/v1/packs/{pack}": ("SCPUAL", "policy:read"),
    "GET /api/v1/accounts": ("A", "accounts:read"),
    "GET /api/v1/accounts/{name}": ("A", "accounts:read"),
}
PUBLIC = ("GET /login", "POST /login", "POST /login/provider", "GET /login/back", "GET /static/{name}", "GET /healthz")
LETTERS = dict(zip(PEOPLE, "SCPUAWLN", strict=True))
VALUES = {
    "index": "0", "pack": "lansing-eo-2017-01", "other": "lansing-eo-2017-01", "action": "GrantAccess", "number": "1",
    "name": "nobody", "job": "none", "form": "csv", "alert": "none", "message": "none", "search": "none",
}  # fmt: skip
QUERY = {"source": HERE, "number": "B-1"}
FORM = {"format": "csv", "name": "nobody", "to": "/"}
STREAM = "GET /board/events"
ELSEWHERE = {
    "POST /api/v1/reconciliations": 400,
    "POST /api/v1/reports": 400,  # let in, and asked for what to make
    "GET /api/v1/reports/jobs/{job}": 404,  # let in, and there is no such report
    "POST /api/v1/reports/{index}/again": 404,
    "GET /api/v1/reports/{index}/files/{form}": 404,
    "POST /api/v1/alerts/{alert}/acknowledge": 400,
    "POST /api/v1/duties/done": 400,
    "POST /api/v1/papers": 400,
    "POST /api/v1/papers/about": 400,
    "POST /api/v1/complaints": 400,
    "POST /api/v1/complaints/show": 400,
    "POST /api/v1/complaints/close": 400,
    "POST /api/v1/quarantine/{message}/show": 404,
    "POST /api/v1/quarantine/{message}/ask": 404,
    "POST /api/v1/deadletters/resubmit": 400,
    "POST /api/v1/deadletters/{number}/resubmit": 200,
    "POST /api/v1/verification": 202,
    "POST /api/v1/reviews": 400,
    "POST /api/v1/searches": 400,
    "DELETE /api/v1/searches/{search}": 404,
}
"""What a program hears that is let in, where it is not 200."""


def filled_in(route: str) -> tuple[str, str]:
    method, path = route.split()
    for name, value in VALUES.items():
        path = path.replace("{" + name + "}", value)
    return method, path


async def status_of_stream(console, path: str, cookies: str, *, host: str = URL.partition("//")[2]) -> int:
    """Ask for a stream, and go as soon as it has begun."""
    started: list[int] = []
    begun = asyncio.Event()
    asked = False

    async def receive():
        nonlocal asked
        if not asked:
            asked = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await begun.wait()
        return {"type": "http.disconnect"}

    async def send(message):
        if message["type"] == "http.response.start":
            started.append(message["status"])
        begun.set()

    headers = [(b"host", host.encode()), (b"cookie", cookies.encode())]
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "https",
        "path": path, "raw_path": path.encode(), "query_string": b"", "headers": headers, "root_path": "",
        "server": ("console.example", 443), "client": ("127.0.0.1", 1), "state": {},
    }  # fmt: skip
    await asyncio.wait_for(console.app(scope, receive, send), 60)
    return started[0]


def cookies_of(visitor) -> str:
    return "; ".join(f"{name}={value}" for name, value in visitor.client.cookies.items())


async def ask(visitor, route: str, *, token: str = "", **headers: str) -> int:
    method, path = filled_in(route)
    if route == STREAM:
        return await status_of_stream(visitor.console, path, cookies_of(visitor))
    if method == "GET":
        return (
            await visitor.client.get(
                path, params=QUERY if "timeline" in path or "booking" in path else {}, headers=headers
            )
        ).status_code
    return (await visitor.client.post(path, data={"csrf": token, **FORM}, headers=headers)).status_code


def test_table_is_the_same_when_it_is_written_twice():
    told = {f"{method} {path}" for method, path in ROUTES}
    assert told == {*EXPECTED, *API, *PUBLIC}


@pytest.mark.parametrize("name", PEOPLE)
async def test_only_what_the_table_says_is_open_when_somebody_is_logged_in(console, name):
    visitor = await console.visitor(name)
    token = await visitor.token("/again")
    letter = LETTERS[name]
    wrong = []
    for route, roles in EXPECTED.items():
        status = await ask(visitor, route, token=token)
        # Nothing of the other facility is there for L: found or not, it is turned away all the same.
        refused = status in ({401, 403} if name != "local" else {401, 403, 404})
        if route == "POST /again":  # a wrong password: let in, and refused
            refused = refused and letter not in roles
        if (letter in roles) == refused and not (name == "local" and status == 404 and letter in roles):
            wrong.append(f"{route}: {status}")
    assert wrong == []


async def test_nothing_is_open_when_nobody_is_logged_in(console):
    # None, revoked and too old: `test_matrix`, for every role.
    for way in ("made up", "idle"):
        visitor = await console.visitor("administrator")
        if way == "made up":
            visitor.client.cookies.set("__Host-holdwatch", "x" * 43, domain="console.example", path="/")
        else:
            console.clock.at += 30 * MINUTE
        for route in EXPECTED:
            assert await ask(visitor, route, token="0" * 64) in {303, 401}, f"{way}: {route}"
            if route.startswith("GET") and route != STREAM:
                answer = await visitor.client.get(filled_in(route)[1])
                assert answer.headers["location"].startswith("/login"), f"{way}: {route}"


async def test_form_is_refused_when_its_token_is_missing_or_anothers(console):
    visitor, other = await console.visitor("administrator"), await console.visitor("compliance")
    own, foreign = await visitor.token("/again"), await other.token("/again")
    posts = [route for route in EXPECTED if route.startswith("POST")]
    for route in posts:
        for token in ("", foreign, own[:-1] + ("0" if own[-1] != "0" else "1")):
            assert await ask(visitor, route, token=token) == 403, route
        assert await ask(visitor, route, token=own, origin="https://evil.example") == 403, route
    assert (await visitor.get("/users")).status_code == 200, "nothing has happened"
    page = await visitor.client.post("/login", data={"name": "x", "password": "y", "agreed": "yes"})
    assert page.status_code == 403


@pytest.mark.parametrize("host", ["evil.example", "console.example:1", "console.example.evil.example", ""])
async def test_route_is_closed_when_the_host_is_forged(console, host):
    # One of each kind; `test_matrix` has every route and role.
    visitor = await console.visitor("administrator")
    for route in ("GET /board", "POST /audit/export", "GET /api/v1/findings", *PUBLIC):
        method, path = filled_in(route)
        answer = await visitor.client.request(method, path, headers={"host": host})
        assert answer.status_code == 400, route
        assert "set-cookie" not in answer.headers


async def test_privileged_act_is_refused_when_the_person_has_not_shown_again_who_he_is(console):
    visitor = await console.visitor("administrator")
    console.clock.at += 11 * MINUTE
    answer = await visitor.post("/users/nobody/disable")
    assert answer.status_code == 403
    assert "/again?to=" in answer.text
    assert (await visitor.prove("administrator")).status_code == 303
    assert (await visitor.post("/users/nobody/disable")).status_code == 303
    assert console.parts.accounts.account("nobody").disabled


@pytest.mark.parametrize("name", PEOPLE)
async def test_only_what_scope_and_role_say_is_open_when_a_program_asks(console, name):
    client, letter = console.client(), LETTERS[name]
    make = console.parts.people.make_token
    keys = {scope: make(name, [scope], 1, by="test") for scope in Scope}
    for route, (roles, needed) in API.items():
        method, path = filled_in(route)
        source = {"source": "/jms/there", "number": "T-1"} if name == "local" else QUERY
        params = source if "timeline" in path else {}
        for scope, key in keys.items():
            answer = await client.request(method, path, params=params, headers={"authorization": f"Bearer {key}"})
            right = letter in roles and scope == needed
            # An entry of the other facility is not there for L.
            told = {ELSEWHERE.get(route, 200)} | ({404} if name == "local" else set())
            assert (answer.status_code in told) if right else answer.status_code == 403, f"{route} {scope}"
        assert (await client.request(method, path, params=params)).status_code == 401


async def test_program_is_refused_when_its_key_is_not_good(console):
    client, people = console.client(), console.parts.people
    key = people.make_token("auditor", list(Scope), 1, by="test")
    token_id = key.removeprefix("hw_").partition("_")[0]

    async def status(given):
        return (await client.get("/api/v1/entries", headers={"authorization": f"Bearer {given}"})).status_code

    assert await status(key) == 200
    assert await status(key[:-1] + ("A" if key[-1] != "A" else "B")) == 401
    assert await status("") == 401
    people.disable("auditor", by="test")
    assert await status(key) == 401, "the account is closed"
    people.enable("auditor", by="test")
    assert await status(key) == 200
    console.clock.at += DAY
    assert await status(key) == 401, "it has expired"
    console.clock.at -= 2 * HOUR
    people.revoke_token(token_id, by="test")
    assert await status(key) == 401, "it was revoked"
    # A browser's session is no key, and a key is no session.
    visitor = await console.visitor("auditor")
    assert (await visitor.get("/api/v1/entries")).status_code == 401
    fresh = people.make_token("auditor", list(Scope), 1, by="test")
    assert (await client.get("/audit", headers={"authorization": f"Bearer {fresh}"})).status_code == 303


def test_console_does_not_start_when_a_route_has_no_row(console, monkeypatch):
    strange = APIRouter()
    strange.get("/strange")(lambda: None)
    monkeypatch.setattr(app_module.board, "router", strange)
    with pytest.raises(FatalError, match=r"GET /strange has no row.*GET /board has no route"):
        create_app(console.parts)
    assert board is app_module.board


async def test_answer_carries_the_strict_headers_when_anything_is_asked(console):
    visitor = await console.visitor("supervisor")
    for path in ("/board", "/login", "/nowhere", "/static/console.css"):
        headers = (await visitor.get(path)).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert "max-age" in headers["strict-transport-security"]
    assert (await visitor.get("/board")).headers["cache-control"] == "no-store"
    assert (await visitor.client.post("/login", content=b"x" * 70_000)).status_code == 413
    assert (await visitor.client.request("HEAD", "/board")).status_code == 405


async def test_page_of_another_site_is_never_the_next_one_when_the_address_asks_for_it(console):
    from tests.console.site import Visitor

    for to in ("https://evil.example", "//evil.example", "/\\evil.example", "/\t/evil.example", "javascript:x"):
        visitor = Visitor(console, console.client())
        answer = await visitor.log_in("supervisor", to=to)
        console.clock.at += MINUTE
        assert answer.headers["location"] == "/"
