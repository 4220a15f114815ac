"""An approval is a second person's: whoever may be the sender, by any writing of any name, gives none."""

from types import SimpleNamespace

import pytest

from integration.domain.facts import Approved, MessageAsked, Opened
from integration.domain.persons import may_be_one, names_of
from integration.errors import UsageError
from integration.services.authors import sender_of
from integration.services.gate import decide_message
from integration.services.letters import Channel, Letter
from integration.services.quarantine import _check_other_person
from tests.gate.judging import HOME, pack

ROW = SimpleNamespace(asked_by="[]")


def letter(*fields, sender="records@lansing.example", user=""):
    raw = "\r\n".join([*fields, "Subject: x", "", "text", ""]).encode()
    return Letter("m", Channel.SMTP, "/s", 0, raw, sender, ("smith@ice.dhs.gov",), user)


OWN = [
    ("officer:jdoe", letter("From: jdoe@lansing.example"), "the author"),
    ("officer:jdoe", letter("From: Ann <alee@x.example>, John <jdoe@x.example>"), "the second author"),
    ("officer:jdoe", letter("From:", " jdoe@lansing.example"), "the author, on a folded line"),
    ("officer:jdoe", letter("From: =?utf-8?q?jdoe?= <records@x.example>"), "the author, by the name shown"),
    ("officer:jdoe", letter("From: records@x.example", "Resent-From: jdoe@x.example"), "who resent it"),
    ("officer:jdoe", letter("From: records@x.example", "Reply-To: jdoe@x.example"), "who gets the answer"),
    ("officer:jdoe", letter("From: records@x.example", sender="prvs=0123=jdoe@x.example"), "a signed sender (BATV)"),
    ("officer:jdoe", letter("From: records@x.example", sender="SRS0=H=TT=a.example=jdoe@b.example"), "rewritten (SRS)"),
    ("officer:jdoe", letter("From: records@x.example", sender="jdoe+batch@x.example"), "with a tag"),
    ("officer:jdoe", letter("From: records@x.example", sender='"jdoe"@x.example'), "in quotes"),
    ("LANSING\\jdoe", letter("From: jdoe@lansing.example"), "a login with its domain"),
    ("jdoe@LANSING", letter("From: records@x.example", user="officer:jdoe"), "who logged in"),
    ("officer:j.doe", letter("From: jdoe@x.example"), "with a dot more"),
    ("officer:jdoe", letter("From : jdoe@lansing.example"), "a field that some readers do not see"),
    ("officer:jdoe", letter("From: jdoe@lansing.example", sender=""), "the author, where nobody handed it in"),
]


@pytest.mark.parametrize(("actor", "message", "because"), OWN, ids=[each[2] for each in OWN])
def test_approval_is_refused_when_it_may_be_the_authors(actor, message, because):
    with pytest.raises(UsageError, match="of their own"):
        _check_other_person(actor, ROW, message)


@pytest.mark.parametrize(
    ("message", "because"),
    [
        (letter("From : jdoe@lansing.example"), "a field that some readers do not see"),
        (letter("X-From: jdoe@lansing.example"), "no author at all"),
        (letter("From:"), "an author without a name"),
        (letter("From: jdoe@x.example", sender=""), "whoever handed it in named nobody"),
    ],
)
def test_nobody_is_known_to_have_sent_a_message_when_its_author_is_in_doubt(message, because):
    assert sender_of(message) is None, because


def test_approval_is_accepted_when_a_second_person_gives_it():
    message = letter("From: Ann Lee <alee@lansing.example>", "Reply-To: desk@lansing.example", user="LANSING\\alee")
    for actor in ("officer:chief", "LANSING\\chief", "chief@lansing.example"):
        _check_other_person(actor, ROW, message)
    assert "chief" not in names_of(sender_of(message))


@pytest.mark.parametrize(
    ("sender", "approver", "permit"),
    [
        ("jdoe", "jdoe", False),
        ("jdoe", "officer:jdoe", False),
        ("jdoe@lansing.example", "jdoe", False),
        ("LANSING\\jdoe", "JDOE", False),
        (None, "chief", False),
        ("jdoe", "", False),
        ("jdoe", "officer:chief", True),
    ],
)
def test_approval_of_a_feed_counts_when_it_is_another_persons(sender, approver, permit):
    asked = MessageAsked(
        "e", 0, "m", "smtp", sender, "immigration_authority", None, ("release_time",), False, False, ()
    )
    facts = [Opened("o", 0, (), None), Approved("a", 1, "a", "m", "court_order", approver, 10**18)]
    assert decide_message(asked, pack(HOME), now=5, facts=facts).permit is permit


def test_nobody_is_shown_to_be_another_when_a_name_is_missing():
    assert may_be_one("", "chief")
    assert may_be_one("officer:", "chief")
    assert not may_be_one("officer:chief", "officer:jdoe")
