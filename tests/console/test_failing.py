"""Whatever is sent, whatever breaks: the answer is short and says nothing of anybody, and is never 500 by a caller."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from integration.console import board
from integration.console.access import ROUTES, Scope
from integration.errors import FatalError, TransientError
from tests.console.test_access import filled_in

GETS = [f"{method} {path}" for method, path in ROUTES if method == "GET" and path != "/board/events"]
NAMES = st.sampled_from(
    ["actor", "kind", "rule", "booking", "source", "number", "text", "since", "until", "before", "limit", "to", "show",
     "other", "status", "auto", "outcome", "provision", "x"]
)  # fmt: skip
TEXTS = st.one_of(
    st.text(max_size=30),
    st.sampled_from(
        [
            "-1",
            "9" * 30,
            "2026-03-02T14:00",
            "0001-01-01T00:00",
            "9999-12-31T23:59:59+00:00",
            "NaN",
            "*",
            '"',
            "\x00",
            "\ud7ff",
            "%",
        ]
    ),
)


@pytest.mark.parametrize("route", GETS)
async def test_nothing_breaks_when_anything_is_asked(console, route):
    visitor = await console.visitor("administrator" if "users" in route else "compliance")
    key = console.parts.people.make_token("compliance", list(Scope), 1, by="test")
    method, path = filled_in(route)
    asked: list[dict[str, str]] = []

    @settings(max_examples=4, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(st.dictionaries(NAMES, TEXTS, max_size=4))
    def draw(query):
        asked.append(query)

    draw()
    headers = {"authorization": f"Bearer {key}"} if path.startswith("/api/") else {}
    for query in asked:
        answer = await visitor.client.request(method, path, params=query, headers=headers)
        assert answer.status_code < 500, (query, answer.text)


POSTS = [path for method, path in ROUTES if method == "POST" and path not in {"/logout", "/alerts/ack"}]


@pytest.mark.parametrize("path", POSTS)
async def test_nothing_breaks_when_anything_is_sent(console, path):
    who = "administrator" if "users" in path else "approver" if "quarantine" in path else "compliance"
    visitor = await console.visitor(who)
    asked: list[dict[str, str]] = []

    @settings(max_examples=4, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(st.dictionaries(st.sampled_from(["name", "grant", "to", "format", "message_id", "since", "text"]), TEXTS))
    def draw(form):
        asked.append(form)

    draw()
    for form in asked:
        answer = await visitor.post(filled_in(f"POST {path}")[1], page="/again", **form)
        assert answer.status_code < 500, (form, answer.text)


@pytest.mark.parametrize("path", ["/audit?text=%00", "/policy/%00", "/booking?source=x&number=%00", "/login?to=%00"])
async def test_request_is_refused_when_it_holds_what_is_no_text(console, path):
    visitor = await console.visitor("compliance")
    assert (await visitor.get(path)).status_code == 400
    assert (await visitor.client.post("/login", data={"name": "\0"})).status_code == 400


@pytest.mark.parametrize(
    ("error", "status"),
    [(TransientError("locked"), 503), (FatalError("disk failed"), 500), (ValueError("Quillfeather"), 500)],
)
async def test_answer_is_short_when_something_fails_inside(console, monkeypatch, error, status):
    visitor = await console.visitor("supervisor")

    def broken(*_arguments):
        raise error

    monkeypatch.setattr(board, "board_of", broken)
    with capture_logs() as logs:
        answer = await visitor.get("/board")
    assert answer.status_code == status
    assert "Quillfeather" not in answer.text
    assert "Traceback" not in answer.text
    assert "Quillfeather" not in str(logs)
    assert any(each["event"] == "console.failed" for each in logs)


async def test_nothing_is_shown_when_it_cannot_be_recorded_that_somebody_looked(console, monkeypatch):
    visitor = await console.visitor("compliance")

    def refuse(*_arguments, **_more):
        raise TransientError("the log cannot be written")

    monkeypatch.setattr(console.parts.people.pen, "write", refuse)
    for path in ("/audit", "/audit/entry/3", "/audit/entry/3/proof", "/audit/entry/3/opened"):
        answer = await visitor.get(path)
        assert answer.status_code == 503, path
        assert "service:intake" not in answer.text
    assert (await visitor.post("/audit/export", format="csv")).status_code == 503
    assert (await visitor.post("/deadletters/1/show")).status_code == 503
    assert (await visitor.get("/booking", params={"source": "/jms/here", "number": "B-1"})).status_code == 503
    assert (await visitor.get("/board")).status_code == 200
