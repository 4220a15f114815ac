"""What a notice says: of the paper what is on file, of the policy what its law says, of the person nothing."""

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integration.errors import UsageError
from integration.services.notices.languages import Language, wording
from integration.services.notices.printed import html_of
from integration.services.notices.sheet import sheet
from integration.services.notices.typed import text_of
from schemas.kinds import HoldKind
from tests.notices.jail import CANARIES, EVENTS, SOURCE, event, opened, paper
from tests.notices.sheets import LANSING, MASSACHUSETTS, NOW, ZONE, found, told, written
from tests.notices.write_golden import FOLDER, forms


@pytest.mark.parametrize("language", Language)
def test_it_says_what_was_agreed_when_it_is_written(language):
    for name, form in forms(language).items():
        assert form == (FOLDER / name).read_text(encoding="utf-8")


def test_every_golden_file_is_compared_when_there_is_one():
    assert {path.name for path in FOLDER.iterdir()} == {name for language in Language for name in forms(language)}


@pytest.mark.parametrize(
    ("hold_id", "kind", "form", "because"),
    [
        ("h-2", HoldKind.IMMIGRATION_DETAINER, "I-247A", "as labelled"),
        ("h-3", HoldKind.ADMINISTRATIVE_WARRANT, "I-200", "the form decides, not the label"),
        ("h-4", HoldKind.NOTIFICATION_REQUEST, "I-247G", "asks only to be told"),
    ],
)
@pytest.mark.parametrize("language", Language)
def test_it_says_what_the_paper_is_when_its_label_says_something_else(hold_id, kind, form, because, language):
    made = written(language, hold_id)
    words = wording(language)
    shown = text_of(made)
    assert (told(hold_id).kind, told(hold_id).form) == (kind, form), because
    for key in (kind.value, f"{kind.value}_is", f"{kind.value}_is_not", "judge_no"):
        assert words.say(key) in shown


@pytest.mark.parametrize(
    ("hold_id", "events", "says"),
    [
        ("h-1", EVENTS, "papers with a notice: 'h-2', 'h-3', 'h-4'"),
        ("h-9", EVENTS, "no such immigration paper"),
        ("h-1", [opened(), paper(2, "h-1", "charge")], "it has no paper with a notice"),
        ("h-2", [*EVENTS, event(9, "booking.voided", {}, hour=11)], "was voided"),
    ],
)
def test_it_is_refused_when_there_is_no_such_paper(hold_id, events, says):
    with pytest.raises(UsageError, match=says):
        told(hold_id, events=events)


def test_a_retracted_paper_has_no_notice_when_it_never_counted():
    with pytest.raises(UsageError, match="no such immigration paper"):
        told("h-2", events=[*EVENTS, event(9, "event.retracted", {"retracts": "e-3"}, hour=11)])


@pytest.mark.parametrize(
    ("pack", "promises"),
    [
        (MASSACHUSETTS, {"act_hold": ("M-d", "M-c"), "act_tell": ("M-e",), "act_visit": ("M-h",)}),
        # The order has no paragraph on visits: the product forbids them, but no promise of the city rests on that.
        (LANSING, {"act_hold": ("L5", "L2"), "act_tell": ("L8",)}),
    ],
)
def test_it_promises_what_the_policys_own_law_says_when_the_pack_is_asked(pack, promises):
    made = told("h-2", pack)
    assert {promise.key: promise.provisions for promise in made.promises} == promises
    shown = text_of(sheet(made, Language.ENGLISH, ZONE, NOW))
    assert ("question you here" in shown) is ("act_visit" in promises)
    for number, summary in made.summaries:
        assert summary in shown
        assert pack.provisions[number].summary == summary


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("hold_id", ["h-2", "h-3", "h-4"])
def test_nothing_of_the_person_is_said_when_the_feed_knows_it(language, hold_id):
    made = written(language, hold_id)
    for form in (html_of(made), text_of(made)):
        assert [canary for canary in CANARIES if canary in form] == []


class Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, tuple[tuple[str, str | None], ...]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, tuple(attrs)))


def tags(page: str) -> list[tuple[str, tuple[tuple[str, str | None], ...]]]:
    reader = Reader()
    reader.feed(page)
    return reader.tags


@pytest.mark.parametrize("language", Language)
def test_the_page_can_be_read_aloud_and_printed_when_it_is_in_a_language(language):
    page = html_of(written(language))
    made_of = tags(page)
    direction = "rtl" if language is Language.ARABIC else "ltr"
    assert ("html", (("lang", "zh-Hans" if language.value == "zh" else language.value), ("dir", direction))) in made_of
    assert {tag for tag, _ in made_of} <= {
        "html", "head", "meta", "title", "style", "body", "div", "h1", "h2", "p", "table", "tr", "th", "td", "bdi",
    }  # fmt: skip
    assert "@page" in page
    assert not re.search(r"url\(|@import|https?:", page)
    english = [attrs for tag, attrs in made_of if tag == "p" and ("lang", "en") in attrs]
    assert len(english) == len(told().summaries) + (language is not Language.ENGLISH)


def test_it_is_in_large_print_when_that_is_asked_for():
    made = written(Language.SPANISH)
    normal, large = html_of(made), html_of(made, large=True)
    assert "font-size: 12pt" in normal
    assert large == normal.replace("font-size: 12pt", "font-size: 18pt")


HOSTILE = st.one_of(
    st.text(min_size=1, max_size=80),
    st.sampled_from(
        ["</td><script>alert(1)</script>", "\u202ex", "a\r\nb", "{title}", '"><img src=x>', "\u2069\u2069"]
    ),
)


@settings(max_examples=80, deadline=None)
@given(number=HOSTILE, agency=HOSTILE, hold_id=HOSTILE, language=st.sampled_from(Language))
def test_strings_stay_in_their_place_when_they_are_hostile(number, agency, hold_id, language):
    plain, odd = told(), replace(told(), booking=number, issuer=agency, hold_id=hold_id, source=number)
    normal = sheet(plain, language, ZONE, NOW)
    hostile = sheet(odd, language, ZONE, NOW)
    assert tags(html_of(hostile)) == tags(html_of(normal))
    assert text_of(hostile).count("\n") == text_of(normal).count("\n")
    for mark in ("\u2066", "\u2067", "\u2068", "\u2069", "\u202e"):
        assert text_of(hostile).count(mark) == text_of(normal).count(mark)


def test_the_same_event_counts_once_when_the_file_has_it_twice():
    assert len(found([*EVENTS, *EVENTS]).facts) == len(found().facts)


def test_a_booking_is_named_when_the_file_has_several():
    events = [*EVENTS, opened(8, booking="B-200")]
    with pytest.raises(UsageError, match="2 bookings could be meant"):
        found(events)
    assert found(events, "B-200").booking == "B-200"
    with pytest.raises(UsageError, match="no such booking"):
        found(events, "B-300")
    assert found(events, "B-100").source == SOURCE
