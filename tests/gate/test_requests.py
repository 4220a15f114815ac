"""Messages that systems ask to send: values, texts and recipients of ``jail.message.requested``."""

from dataclasses import replace

import pytest

from integration.domain.facts import Opened, from_row, to_row
from integration.services.gate import asked_of, decide_message, judge
from schemas.requests import MessageRequested
from tests.gate.judging import PACKS, pack

STATUS = "citizenship_or_immigration_status"
OPENED = (Opened("e0", 0, (), None),)


def request(content, text=None, recipients=({"agency": "ICE"},), channel="fax", **more):
    data = {
        "message_id": "m",
        "channel": channel,
        "sender": {"user": "alice"},
        "recipients": list(recipients),
        "content": content,
        **more,
    }
    if text is not None:
        data["text"] = text
    import orjson

    event = {
        "specversion": "1.0",
        "id": "e1",
        "source": "/jms/a",
        "subject": "B1",
        "type": "jail.message.requested.v1",
        "time": "2026-01-01T11:00:00Z",
        "data": data,
    }
    return MessageRequested.model_validate_json(orjson.dumps(event))


def permits(event) -> set[bool]:
    return {decide_message(judge(event, pack=pack(name)), pack(name), now=0, facts=OPENED).permit for name in PACKS}


@pytest.mark.parametrize(
    "value",
    [
        "lawful permanent resident",
        "LPR",
        "USC",
        "x",
        "Mexico",
        "Mexican",
        "citizen of Mexico",
        "H-1B",
        "A012345678",
        "unknown",
        "as asked",
        "query",
        "redacted",
        True,
        None,
        ["Mexico", "Canada"],
        {"status": "LPR", "alien_number": "A012345678"},
        {"country": "MX"},
        {"status": {"country": "MX"}},
        {"citizenship": [{"country": "MX"}, {"country": "CA"}]},
        "US citizen by birth",
        "valid until 2027-03-01",
        "",
        [],
        {},
    ],
)
def test_value_is_status_when_it_says_nothing_else(value):
    assert permits(request({STATUS: value})) == {True}


@pytest.mark.parametrize(
    "value",
    [
        "out the door at nine",
        "come get him",
        "released at 5",
        "in custody",
        "0730 tmrw",
        {"custody_status": "Y"},
        {"note": "pick up at nine"},
        ["LPR", "ready at 11"],
        "12 Elm Street",
        "DOB 02/03/1990",
        417,
        "2026-03-05T07:30:00Z",
        {"release_date": "2026-03-05"},
        {"release at 0730 sally port": {"status": "LPR"}},
        {"release at 0730": []},
        {"release at 0730": {}},
        [{"out the door at nine": [{"status": "LPR"}]}],
        "LPR. The white van is waiting behind the garage",
        "back gate",
        "sally port",
        "upstairs",
    ],
)
def test_value_is_more_than_status_when_it_says_something_else_in_plain_words(value):
    assert permits(request({STATUS: value})) == {False}


def test_text_counts_beside_the_values():
    assert permits(request({STATUS: "LPR"}, "Citizenship: Mexico")) == {True}
    assert permits(request({STATUS: "LPR"}, "Citizenship: Mexico. Ready at 11.")) == {False}
    assert permits(request({STATUS: "LPR"}, "Q2l0aXplbnNoaXA6IE1leGljbywgcmVhZHkgYXQgMTEgc2FsbHkgcG9ydA==")) == {False}


def test_value_counts_as_what_it_was_filed_under_when_nothing_is_recognised():
    asked = judge(request({"custody_status": "xyzzy"}), pack=pack(PACKS[0]))
    assert asked.categories == ("custody_status",)


def test_birthplace_is_its_own_category():
    assert judge(request({"place_of_birth": "Guadalajara"}), pack=pack(PACKS[0])).categories == ("place_of_birth",)
    assert permits(request({STATUS: "LPR", "place_of_birth": "Guadalajara"})) == {False}


def test_query_reaches_an_authority_whoever_the_recipient_is():
    asked = judge(
        request({"other": "x"}, "IAQ.MI3341600.AX.TXT CUS/Y", [{"agency": "State Police"}]), pack=pack(PACKS[0])
    )
    assert asked.recipient_class == "immigration_authority"


def test_network_message_reaches_whom_its_head_names():
    asked = judge(
        request({"other": "x"}, "AM.MI3341600.VTICE0900.TXT HELLO", [{"agency": "State Police"}], "nlets"),
        pack=pack(PACKS[0]),
    )
    assert asked.recipient_class == "immigration_authority"


def test_reasons_are_typed_when_a_recipient_is_doubtful():
    event = request({"hearing": "x"}, recipients=[{"address": "clerk@[10.0.0.1]"}], channel="smtp")
    asked = judge(event, pack=pack(PACKS[0]))
    decided = decide_message(asked, pack(PACKS[0]), now=0, facts=OPENED)
    assert (decided.permit, decided.reasons, decided.recipient_class) == (
        False,
        ("unreadable", "address_literal"),
        "immigration_authority",
    )
    assert from_row(to_row(asked)) == asked


@pytest.mark.parametrize("missing", [1, 2])
def test_earlier_fact_is_read_when_it_has_no_digest_or_doubts_yet(missing):
    asked = judge(request({"hearing": "x"}), pack=pack(PACKS[0]))
    assert asked.digest
    assert from_row(to_row(asked)[:-missing]) == replace(asked, digest="")


@pytest.mark.parametrize(("purpose", "permit"), [("court", True), ("immigration_enforcement", False), (None, True)])
def test_partner_is_governed_when_the_purpose_is_stated(purpose, permit):
    more = {"purpose": purpose} if purpose else {}
    event = request({"custody_status": "in custody"}, recipients=[{"agency": "Genesee County Sheriff"}], **more)
    lansing = pack("lansing-eo-2017-01")
    assert decide_message(judge(event, pack=lansing), lansing, now=0).permit is permit


def test_message_is_blocked_when_nothing_is_known_of_its_booking():
    event = request({"custody_status": "x"})
    decided = decide_message(judge(event, pack=pack(PACKS[0])), pack(PACKS[0]), now=0)
    assert (decided.permit, decided.reasons, decided.provisions) == (False, ("no_booking",), ())


def test_fact_holds_no_word_of_the_message():
    from integration.services.examining import Envelope, examine_mail
    from tests.gate.mails import plain

    examined = examine_mail(plain("Quillfeather is in custody"), Envelope(("a@ice.gov",)), pack(PACKS[0]).parameters)
    asked = asked_of(examined, event_id="e", time=0, message_id="m", channel="smtp", sender="x")
    assert "quillfeather" not in repr(asked).casefold()


@pytest.mark.parametrize(
    ("local", "permit", "because"),
    [
        ("rls0600", False, "a word of release before a time"),
        ("rls1800", False, "of the evening"),
        ("0600rls", False, "behind it"),
        ("release0600", False, "a longer one"),
        ("roe0600", True, "a name before a number"),
        ("roe", True, "a name"),
        ("roe12", True, "and its number"),
    ],
)
def test_a_time_hides_no_word_in_a_recipients_address(local, permit, because):
    asked = request({STATUS: "Mexico"}, recipients=[{"address": f"{local}@ice.dhs.gov"}], channel="smtp")
    assert permits(asked) == {permit}, because
