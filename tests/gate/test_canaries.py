"""No name, no birth date, no address and no word of a message in a log, an error text, a fact or an entry."""

import io
import logging
from contextlib import redirect_stderr, redirect_stdout

import pytest

from integration.domain.facts import to_row
from integration.services.examining import Envelope, examine_mail
from integration.services.gate import asked_of, decide_message
from integration.services.gate import to_row as decision_row
from tests.gate import files
from tests.gate.judging import PACKS, examined, pack
from tests.gate.mails import attached, mail, plain
from tests.gate.techniques import CLOSED, OPEN, TEXT

CANARIES = ("Quillfeather", "1990-02-03", "14 Elm Street")
LEAK = "Quillfeather, born 1990-02-03, 14 Elm Street, out at nine"


@pytest.fixture
def told(caplog):
    """Everything that a run tells: logs at every level, standard output and standard error."""
    caplog.set_level(logging.DEBUG)
    out = io.StringIO()
    with redirect_stdout(out), redirect_stderr(out):
        yield lambda: out.getvalue() + caplog.text
    for canary in CANARIES:
        assert canary not in out.getvalue() + caplog.text


@pytest.mark.parametrize("technique", [*OPEN, *CLOSED])
def test_nothing_is_told_when_a_message_is_judged(technique, told):
    raw = (OPEN.get(technique) or CLOSED[technique])(LEAK)
    seen = examined(raw)
    message = asked_of(seen, event_id="e", time=0, message_id="m", channel="smtp", sender="jane.roe")
    request = decide_message(message, pack(PACKS[0]), now=0)
    row = decision_row(request, "/jms/a", "B1", pack(PACKS[0]), now=0)
    kept = repr((to_row(message), request, row, seen.content, seen.unread))
    assert [canary for canary in CANARIES if canary.casefold() in kept.casefold()] == []
    assert told() == ""


@pytest.mark.parametrize(
    "raw",
    [
        attached(files.pdf(LEAK)[:-200], "application/pdf"),
        attached(files.pdf(LEAK).replace(b"obj", b"0bj"), "application/pdf"),
        attached(files.docx(LEAK).replace(b"word", b"w0rd"), "application/zip"),
        attached(b"<?xml version='1.0'?><a>" + LEAK.encode(), "application/xml"),
        mail(LEAK, "Content-Type: text/plain; charset=" + LEAK.replace(" ", "-")),
        mail("x", TEXT, "Subject: =?Quillfeather?q?x?="),
        mail("x", f'Content-Type: multipart/mixed; boundary="{LEAK}"'),
    ],
)
def test_nothing_is_told_when_a_message_is_broken(raw, told):
    examined(raw)
    assert told() == ""


def test_nothing_is_told_when_an_address_is_broken(told):
    for address in (
        LEAK,
        f"{LEAK}@",
        f"a@{LEAK}",
        "\ud800@x.example",
        "a@" + "x" * 300,
        "\U0010ffff",
        "=?utf-8?q?Quillfeather?=",
    ):
        seen = examine_mail(plain("x"), Envelope((address,), address), pack(PACKS[0]).parameters)
        assert not decide_message(
            asked_of(seen, event_id="e", time=0, message_id="m", channel="smtp", sender=None), pack(PACKS[0]), now=0
        ).permit
    assert told() == ""
