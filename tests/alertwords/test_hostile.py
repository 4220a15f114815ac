"""Whatever a booking number or a feed is called, it stays what it is: a few characters in their place."""

import re
import unicodedata
from dataclasses import fields, replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.policy import SMTP

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integration.domain.alerts.said import Acked, Next, Said, Stage
from integration.domain.instants import NEVER
from integration.services.alertwords.gsm import segments, septets
from integration.services.alertwords.inert import inert, one_line
from integration.services.notice import Notice
from schemas.kinds import Rule
from tests.alertwords.alerts import CASE, FORMS, SAID, WRITE
from tests.alertwords.test_golden import read

TRICKS = (
    "B-1\r\nBcc: thief@example.org",
    "B-1\nSubject: x",
    "</td><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "\u202egnp.exe",
    "\u2066\u2069\u200b\u200f",
    "B\u0000\u0007\u001b[31m",
    "\u0627\u0644\u062d\u062c\u0632 100",
    "a\u0301\u0301\u0301\u0301\u0301\u0301\u0301",
    "\u2028\u2029\u0085\x0b\x0c",
    "\ud800",
    "\U000e0041\ufeff",
    "{to} {text} %s ${x} {{7*7}}",
    "=cmd|' /C calc'!A0",
    "x" * 512,
    "\u4e2d" * 512,
    "",
    " ",
)
hostile = st.one_of(st.sampled_from(TRICKS), st.text(max_size=520))
instants = st.one_of(
    st.integers(min_value=-(2**63), max_value=2**63), st.sampled_from([0, NEVER, -1, 2**62 - 1, SAID.now])
)
FEW = settings(max_examples=60, deadline=None)


def with_strings(said: Said, booking: str, place: str) -> Said:
    """Put hostile strings wherever an alert has strings that come from outside."""
    cases = tuple(
        replace(
            case,
            booking=booking,
            about=booking,
            finding_id=booking,
            evidence=(booking,),
            pack=place,
            provisions=(place,),
            names=(("fields", booking), ("labelled", booking), ("paper", place)),
            papers=tuple(replace(paper, hold_id=booking, kind=place, form=booking) for paper in case.papers),
        )
        for case in said.cases
    )
    people = (place, booking)
    return replace(
        said,
        cases=cases,
        facility=place,
        site=place,
        receiver=place,
        alert_id=booking,
        told=people,
        next_told=None if said.next_told is None else replace(said.next_told, receivers=people),
        acked=None if said.acked is None else replace(said.acked, by=booking),
    )


def shape(notice: Notice) -> tuple[object, ...]:
    """What the strings may not change: how many lines there are, and of what the page is made."""
    return notice.text.count("\n"), tuple(read(notice.html).tags)


def assert_shown(text: str) -> None:
    """A form has no characters that do something: no controls, nothing invisible, nothing that turns the order."""
    for character in text:
        assert character == "\n" or unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Zl", "Zp", "Co", "Cn"}
        assert unicodedata.bidirectional(character) not in {"R", "AL", "RLO", "LRO", "RLE", "LRE", "RLI", "LRI", "FSI"}


@settings(max_examples=300, deadline=None)
@given(name=st.sampled_from(sorted(FORMS)), booking=hostile, place=hostile)
def test_strings_stay_in_their_place_when_they_are_hostile(name, booking, place):
    notice = WRITE(with_strings(FORMS[name], booking, place))
    assert shape(notice) == shape(WRITE(with_strings(FORMS[name], "B-1", "/jms/x")))
    for line in (notice.title, notice.short):
        assert "\n" not in line
        assert_shown(line)
    assert_shown(notice.text)
    assert_shown(notice.html)
    assert septets(notice.short) is not None
    assert segments(notice.short) <= 2


@FEW
@given(booking=hostile, place=hostile)
def test_a_mail_has_its_own_headers_alone_when_strings_are_hostile(booking, place):
    notice = WRITE(with_strings(SAID, booking, place))
    message = EmailMessage(policy=SMTP)
    message["Subject"] = notice.title
    message["Message-ID"] = f"<{notice.id}@jail.example>"
    message.set_content(notice.text)
    message.add_alternative(notice.html, subtype="html")
    read_again = message_from_bytes(message.as_bytes(), policy=policy.default)
    assert {name.lower() for name in read_again} == {"subject", "message-id", "mime-version", "content-type"}


@FEW
@given(booking=st.text(min_size=1, max_size=40), other=st.text(min_size=1, max_size=40))
def test_two_bookings_look_different_when_they_are(booking, other):
    if unicodedata.normalize("NFC", booking) != unicodedata.normalize("NFC", other) and "\\" not in booking + other:
        assert inert(booking, 1000) != inert(other, 1000)


@settings(max_examples=150, deadline=None)
@given(
    stage=st.sampled_from(Stage),
    rule=st.sampled_from(Rule),
    times=st.lists(instants, min_size=8, max_size=8),
    zone=st.one_of(st.sampled_from(["America/Detroit", "", "No/Where", "../etc/passwd", "UTC"]), st.text(max_size=9)),
    counts=st.lists(st.integers(min_value=-1, max_value=2**40), min_size=6, max_size=6),
    link=st.one_of(st.text(max_size=90), st.sampled_from(["https://x/a b", "javascript:alert(1)", "https://x/'\"<>"])),
    cases=st.integers(min_value=0, max_value=20),
)
def test_a_notice_is_written_when_nothing_about_it_makes_sense(
    *, stage: Stage, rule: Rule, times: list[int], zone: str, counts: list[int], link: str, cases: int
):
    case = replace(CASE, rule=rule, since=times[0], until=times[1], raised_at=times[2])
    said = replace(
        SAID,
        stage=stage,
        rule=rule,
        cases=(case,) * cases,
        now=times[3],
        at=times[4],
        opened_at=times[5],
        link_until=times[6],
        repeat_at=times[7],
        next_told=Next(times[0], (), counts[0]),
        acked=Acked("x", times[1], times[2]),
        zone=zone,
        link=link,
        open_count=counts[1],
        total=counts[2],
        step=counts[3],
        steps=counts[4],
        repeat=counts[5],
    )
    notice = WRITE(said)
    assert notice.title
    assert notice.short
    assert "javascript:" not in notice.html
    assert orjson.loads(orjson.dumps(notice.data)) is not None


CANARY = "zyxquorn"


@pytest.mark.parametrize("name", FORMS)
def test_the_link_is_told_to_people_alone_when_there_is_one(name):
    said = replace(FORMS[name], link=f"https://holdwatch.example/a/{CANARY}")
    notice = WRITE(said)
    assert CANARY not in orjson.dumps(notice.data).decode() + notice.title + notice.key + notice.id
    if said.stage is not Stage.TEST:
        assert CANARY in notice.text
        assert CANARY in notice.html


@pytest.mark.parametrize("name", FORMS)
def test_a_drill_says_so_first_when_it_is_one(name):
    notice = WRITE(replace(FORMS[name], drill=True))
    first_words = read(notice.html).words
    assert notice.title.startswith("DRILL ")
    assert notice.short.startswith("DRILL ")
    assert notice.text.startswith("DRILL. ")
    assert [word for word in first_words if word.strip()][1].startswith("DRILL. ")
    assert (notice.exercise, notice.data["exercise"]) == (True, True)


def test_an_alert_has_no_place_for_a_name_when_one_is_added():
    """What the words are made from is a closed list: a new field of an alert has to be thought of here."""
    known = {
        "notice_id", "alert_id", "receiver", "stage", "at", "now", "site", "facility", "zone", "rule", "severity",
        "opened_at", "cases", "open_count", "total", "step", "steps", "repeat", "cycle", "told", "next_told",
        "repeat_at", "acked", "link", "link_until", "drill",
    }  # fmt: skip
    assert {field.name for field in fields(Said)} == known
    assert {field.name for field in fields(CASE)} == {
        "finding_id", "booking", "rule", "about", "since", "until", "raised_at", "state", "new", "evidence", "names",
        "papers", "missing", "provisions", "pack", "pack_revision",
    }  # fmt: skip


def test_values_behind_unknown_names_are_not_told_when_evidence_has_them():
    case = replace(CASE, names=(("citizenship", CANARY), ("birth_place", CANARY), ("fields", "person.citizenship")))
    notice = WRITE(replace(SAID, cases=(case,)))
    told = notice.text + notice.html + notice.short + notice.title + orjson.dumps(notice.data).decode()
    assert CANARY not in told


@pytest.mark.parametrize("text", TRICKS)
def test_a_notice_keeps_to_one_line_when_whoever_wrote_it_did_not(text):
    notice = Notice("n", SAID_AT, text, "text", "t", short=text, key=text, site=text)
    assert not re.search(
        r"[\r\n\x00-\x1f\x7f-\x9f\u2028\u2029]", notice.title + notice.short + notice.key + notice.site
    )
    assert one_line(notice.title) == notice.title


SAID_AT = WRITE(SAID).at
