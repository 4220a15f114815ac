"""Whatever a page shows or does, a program can ask for too; where it cannot, the reason stands here.

CJISSECPOL 6.0 IA-11: a privileged function asks again who it is. A key cannot show that, so those have no counterpart.
"""

import re

from integration.console.access import ROUTES, Scope

PERSON = "a person shows again who he is (IA-11): a key cannot"
COMING_IN = "it is how a person comes in, stays in or goes: a key needs none of it"
PART = "a part of another page, in the way that browsers take it"
OWN = "about the person's own password: a key has none"

COUNTERPARTS = {
    "GET /": COMING_IN,
    "GET /login": COMING_IN,
    "POST /login": COMING_IN,
    "POST /login/provider": COMING_IN,
    "GET /login/back": COMING_IN,
    "POST /logout": COMING_IN,
    "GET /again": COMING_IN,
    "POST /again": COMING_IN,
    "POST /again/provider": COMING_IN,
    "GET /static/{name}": PART,
    "GET /healthz": "for whatever watches the console: it asks this very address, without a key",
    "GET /account": OWN,
    "POST /account/password": OWN,
    "GET /board": "GET /api/v1/board",
    "GET /board/events": PART,
    "GET /wall": "GET /api/v1/board",
    "GET /booking": "GET /api/v1/bookings/timeline",
    "GET /health": "GET /api/v1/health",
    "GET /audit": "GET /api/v1/entries",
    "GET /audit/entry/{index}": "GET /api/v1/entries/{index}",
    "GET /audit/entry/{index}/proof": "GET /api/v1/entries/{index}/proof",
    "GET /audit/entry/{index}/opened": "GET /api/v1/entries/{index}/opened",
    "POST /audit/verify": "POST /api/v1/verification",
    "POST /audit/export": "GET /api/v1/export",
    "POST /audit/searches": "POST /api/v1/searches",
    "POST /audit/searches/remove": "DELETE /api/v1/searches/{search}",
    "GET /audit/review": "GET /api/v1/reviews",
    "POST /audit/review": "POST /api/v1/reviews",
    "GET /reports": "GET /api/v1/reports",
    "POST /reports": "POST /api/v1/reports",
    "GET /reports/reconcile": "POST /api/v1/reconciliations",
    "POST /reports/reconcile": "POST /api/v1/reconciliations",
    "GET /reports/jobs/{job}": "GET /api/v1/reports/jobs/{job}",
    "GET /reports/jobs/{job}/now": PART,
    "POST /reports/{index}/again": "POST /api/v1/reports/{index}/again",
    "GET /reports/{index}/file/{form}": "GET /api/v1/reports/{index}/files/{form}",
    "GET /duties": "GET /api/v1/duties",
    "POST /duties/done": "POST /api/v1/duties/done",
    "GET /complaints": "GET /api/v1/complaints",
    "POST /complaints": "POST /api/v1/complaints",
    "POST /complaints/show": "POST /api/v1/complaints/show",
    "POST /complaints/close": "POST /api/v1/complaints/close",
    "POST /alerts/ack": "POST /api/v1/alerts/{alert}/acknowledge",
    "GET /papers": "POST /api/v1/papers",
    "POST /papers": "POST /api/v1/papers",
    "POST /papers/about": "POST /api/v1/papers/about",
    "GET /quarantine": "GET /api/v1/quarantine",
    "POST /quarantine/show": "POST /api/v1/quarantine/{message}/show",
    "POST /quarantine/ask": "POST /api/v1/quarantine/{message}/ask",
    "POST /quarantine/approve": PERSON,
    "POST /quarantine/deny": PERSON,
    "POST /quarantine/withdraw": PERSON,
    "POST /quarantine/settle": PERSON,
    "GET /policy": "GET /api/v1/packs",
    "GET /policy/{pack}": "GET /api/v1/packs/{pack}",
    "GET /policy/{pack}/decide": "GET /api/v1/packs/{pack}/decide/{action}",
    "GET /deadletters": "GET /api/v1/deadletters",
    "POST /deadletters/resubmit": "POST /api/v1/deadletters/resubmit",
    "POST /deadletters/{number}/show": "POST /api/v1/deadletters/{number}/show",
    "POST /deadletters/{number}/resubmit": "POST /api/v1/deadletters/{number}/resubmit",
    "GET /users": "GET /api/v1/accounts",
    "GET /users/{name}": "GET /api/v1/accounts/{name}",
    "POST /users": PERSON,
    "POST /users/{name}/roles": PERSON,
    "POST /users/{name}/unlock": PERSON,
    "POST /users/{name}/disable": PERSON,
    "POST /users/{name}/enable": PERSON,
    "POST /users/{name}/logout": PERSON,
}
"""Of each route of the pages: the route for programs, or why there is none."""
REASONS = {PERSON, COMING_IN, PART, OWN}
ROWS = {f"{method} {path}": row for (method, path), row in ROUTES.items()}


def of_programs(route: str) -> bool:
    return ROWS[route].scope is not None


def test_every_page_and_act_has_a_counterpart_or_a_reason_when_the_table_is_read():
    assert COUNTERPARTS.keys() == {route for route in ROWS if not of_programs(route)}
    given = {each for each in COUNTERPARTS.values() if "/api/v1/" in each}
    assert given <= {route for route in ROWS if of_programs(route)}
    assert set(COUNTERPARTS.values()) - given - REASONS == {COUNTERPARTS["GET /healthz"]}


def test_counterpart_is_open_to_the_same_roles_when_it_does_the_same():
    wrong = []
    for route, other in COUNTERPARTS.items():
        if other not in ROWS:
            continue
        # The wall is a screen, and no program acts for one.
        here, there = ROWS[route], ROWS[other]
        if {each.value for each in here.roles} - {"wall"} != {each.value for each in there.roles} - {"wall"}:
            wrong.append(f"{route}: {other}")
        if here.whole != there.whole:
            wrong.append(f"{route}: {other}: every facility")
    assert wrong == []


def test_act_is_kept_from_programs_when_the_person_has_to_show_who_he_is():
    fresh = {route for route, row in ROWS.items() if row.fresh}
    assert {route for route, why in COUNTERPARTS.items() if why == PERSON} == fresh - {"POST /account/password"}
    assert not any(of_programs(route) for route in fresh)


def test_no_scope_lets_a_program_both_read_and_act_when_keys_are_made():
    reading = {row.scope for route, row in ROWS.items() if of_programs(route) and route.startswith("GET")}
    acting = {row.scope for route, row in ROWS.items() if of_programs(route) and not route.startswith("GET")}
    # Making a report changes nothing but the log, which tells of it: it is a way of reading.
    assert reading & acting == {Scope.EXPORT}
    assert reading | acting == set(Scope)


PAGES = """
/board /papers /quarantine /duties /complaints /audit /audit/review /reports /reports/reconcile
/deadletters /users /users/nobody /account
""".split()


async def test_pages_link_to_no_act_that_is_not_listed_when_they_are_drawn(console):
    # The forms of the pages themselves: whoever adds one is asked for its counterpart by the table of rights.
    found = set()
    for name in ("supervisor", "compliance", "approver", "administrator"):
        visitor = await console.visitor(name)
        for path in PAGES:
            found |= set(re.findall(r'<form method="post" action="([^"]+)"', (await visitor.get(path)).text))
    known = [re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(route[5:])) for route in COUNTERPARTS if route[:5] == "POST "]
    assert len(found) > 15
    assert [each for each in found if not any(re.fullmatch(one, each) for one in known)] == []
