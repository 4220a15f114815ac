"""``holdwatch gate check``: what it prints, and how it ends."""

import orjson
import pytest

from tests.gate import files
from tests.gate.mails import COVER, HEAD, attached, mail, plain
from tests.gate.techniques import TEXT

LANSING = ("--policy", "lansing-eo-2017-01")
LEAK = "Juan Quillfeather will be released at 0730 hrs tmrw."
OPENED = {"message_id": "m", "channel": "fax", "sender": {"user": "a"}, "recipients": [{"agency": "ICE"}]}


@pytest.fixture
def check(holdwatch, tmp_path):
    def run(name: str, content: bytes, *options: str):
        path = tmp_path / name
        path.write_bytes(content)
        return holdwatch("gate", "check", path, *LANSING, *options)

    return run


def test_mail_is_permitted_when_it_tells_status_alone(check):
    ran = check("a.eml", plain(COVER))
    assert ran.status == 0
    assert ran.text.splitlines()[-1] == "permit under lansing-eo-2017-01: status_exchange; provisions: L9"


def test_mail_is_blocked_when_it_tells_more(check):
    ran = check("a.eml", attached(files.docx(LEAK), "application/octet-stream", "status.docx"), "--json")
    assert ran.status == 1
    told = ran.json
    assert (told["decision"], told["reasons"], told["recipient_class"]) == (
        "block",
        ["more_than_status"],
        "immigration_authority",
    )
    assert told["provisions"] == ["L8", "holdwatch-invariant-3"]
    assert {"category": "release_time", "part": "1.2.f/2", "view": "document", "detector": "release_words"} in told[
        "found"
    ]
    assert "quillfeather" not in ran.text.casefold()


def test_part_and_reason_are_told_when_something_cannot_be_read(check):
    ran = check("a.eml", attached(files.png(), "image/png", "status.png"), "--json")
    assert ran.status == 1
    assert (ran.json["reasons"], ran.json["unread"]) == (
        ["unreadable", "image"],
        [{"part": "1.2.f", "reason": "image"}],
    )


def test_recipient_and_doubt_are_told_when_one_is_doubtful(check):
    ran = check("a.eml", plain(COVER), "--to", "clerk@[10.0.0.1]", "--json")
    assert ran.status == 1
    first = ran.json["recipients"][0]
    assert first == {
        "recipient": "clerk@[10.0.0.1]",
        "source": "envelope",
        "class": "immigration_authority",
        "by": "doubt",
        "doubt": "address_literal",
    }


def test_mail_is_permitted_when_it_goes_to_others(check):
    head = [HEAD[0], "To: clerk@court.example", *HEAD[2:]]
    assert check("a.eml", mail(LEAK, TEXT, head=head)).status == 0
    assert check("a.eml", mail(LEAK, TEXT, head=head), "--to", "clerk@court.example", "--agency", "ICE").status == 1


def test_mail_of_line_feeds_is_read_as_it_travels(check):
    assert check("a.eml", plain(COVER).replace(b"\r\n", b"\n")).status == 0
    ran = check("a.eml", plain(COVER) + b"x\ny")
    assert (ran.status, "bare_lf" in ran.text) == (1, True)


def test_request_is_read_when_it_is_an_event_or_its_data(check):
    status = OPENED | {"content": {"citizenship_or_immigration_status": "LPR"}}
    assert check("a.json", orjson.dumps(status)).status == 0
    assert check("a.json", orjson.dumps({"data": status})).status == 0
    assert check("a.json", orjson.dumps(OPENED | {"content": {"custody_status": "x"}})).status == 1


def test_text_is_read_when_its_recipients_are_given(check):
    assert check("a.txt", COVER.encode(), "--agency", "ICE").status == 0
    assert check("a.txt", LEAK.encode(), "--number", "802-872-6020").status == 1
    assert check("a.txt", b"IAQ.MI3341600.AX.TXT CUS/Y", "--agency", "State Police").status == 1
    assert check("a.txt", plain(COVER), "--form", "mail").status == 0


def test_person_is_known_when_a_roster_is_given(check, tmp_path):
    roster = tmp_path / "roster.csv"
    roster.write_text("family_name,given_name,birth_date,booking\nQuillfeather,Juan,1990-02-03,2026-00417\n")
    text = b"Citizenship: Mexico\n\nRegards,\nJuan Quillfeather"
    assert check("a.txt", text, "--agency", "ICE").status == 0
    assert check("a.txt", text, "--agency", "ICE", "--roster", str(roster)).status == 1


@pytest.mark.parametrize(
    ("name", "content", "options", "status"),
    [
        ("a.txt", b"x", (), 2),
        ("a.txt", b"\xff\xfe\xfd", ("--agency", "ICE"), 2),
        ("a.json", b"{", (), 2),
        ("a.json", b'{"message_id": "Quillfeather"}', (), 2),
        ("a.json", b"[]", (), 2),
        ("a.eml", b"Subject: x\r\n\r\nx", (), 2),
        ("a.eml", b"x", ("--roster", "/no/such/file"), 2),
        ("a.eml", b"x", ("--policy", "no-such-pack"), 3),
    ],
)
def test_command_ends_with_its_status_when_it_cannot_be_done(check, name, content, options, status):
    ran = check(name, content, *options)
    assert ran.status == status
    assert ran.err.startswith(("holdwatch: ", "Usage"))
    assert "Quillfeather" not in ran.err + ran.text


def test_command_ends_when_the_file_is_missing(holdwatch, tmp_path):
    assert holdwatch("gate", "check", tmp_path / "none.eml", *LANSING).status == 2
