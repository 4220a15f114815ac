"""Times and dates in every writing, at their borders, and the days that they may mean."""

from datetime import date

import pytest

from integration.domain.messages.times import When, places_of, whens
from integration.domain.messages.words import cut

CLOCKS = """
7:30; 07:30:15; 7.30pm; 7h30; 7 : 30; 0:00; 19:59; 24:00; 23:59; 22.15 hours; 7:30 p.m.; 7:30 a; 7:30 est; 7:30z;
7:30 hrs; 0730; 0930; 1830; 2130; 0000; 0730hrs; 1930 hrs; 2400h; 1959 hours; 0730z; 0730 hs; 0730 local; 7a; 7am; 730p;
12 p.m.; 12p; 1 am; 7 o'clock; 12 o clock; 2026-03-05T07:30; 2026-03-05 07:30:15.123+05:00; 2026-03-05t0730z;
1999-12-31 235959
"""
NO_TIMES = """
7:60; 25:00; 1930; 2015; 1960; 0760; 13 pm; 0 am; 13 o'clock; v7:30; 7:30x; x0730; 0730x; 0730-1; 0730.5; 1.0730; -0730;
/0730; 0730/; 12345; 730; 2460; 2500; 1900; 3 m; 7 hr
"""


def split(text: str) -> list[str]:
    return [each.strip() for each in text.replace("\n", " ").split(";")]


@pytest.mark.parametrize("text", split(CLOCKS))
def test_a_time_is_known_in_every_writing(text):
    assert whens(text, cut(text)) == [When(0, len(text), True, ())]
    before = f"see, {text}, so"
    assert whens(before, cut(before)) == [When(5, 5 + len(text), True, ())]


@pytest.mark.parametrize("text", split(NO_TIMES))
def test_a_number_is_no_time_when_its_form_is_another(text):
    assert not any(when.has_time for when in whens(text, cut(text)))


@pytest.mark.parametrize("text", ["at 1930", "by 1930", "@1930", "@ 2015", "at 2059"])
def test_four_digits_of_a_year_are_a_time_behind_a_word_of_one(text):
    [when] = whens(text, cut(text))
    assert (text[when.start : when.end], when.has_time) == (text[-4:], True)
    for other in (f"near {text[-4:]}", f"at {text[-4:]}5", f"at 19{text[-2]}"):
        assert whens(other, cut(other)) == []


D = date
DAYS = [
    ("2026-03-05", [D(2026, 3, 5)], "year first"),
    ("2026/3/5", [D(2026, 3, 5)], "with strokes"),
    ("1999.12.31", [D(1999, 12, 31)], "with stops"),
    ("1899-12-31", None, "no year of anybody alive"),
    ("3/5/2026", [D(2026, 3, 5), D(2026, 5, 3)], "both ways to read it"),
    ("5.13.26", [D(2026, 5, 13)], "one of them"),
    ("13-5-26", [D(2026, 5, 13)], "the other"),
    ("5/5/1990", [D(1990, 5, 5)], "both the same"),
    ("2/30/2026", [], "no day"),
    ("3/5/39", [D(2039, 3, 5), D(2039, 5, 3)], "the latest year of two digits of this century"),
    ("3/5/40", [D(1940, 3, 5), D(1940, 5, 3)], "the earliest of the last"),
    ("3/5/99", [D(1999, 3, 5), D(1999, 5, 3)], "the latest of the last"),
    ("3/5/00", [D(2000, 3, 5), D(2000, 5, 3)], "the first of this"),
    ("5 Mar 2026", [D(2026, 3, 5)], "a month in letters"),
    ("5-MAR-26", [D(2026, 3, 5)], "with hyphens"),
    ("5th of March, 2026", [D(2026, 3, 5)], "as it is said"),
    ("1st march 2026", [D(2026, 3, 1)], "the first"),
    ("2nd mar. 2026", [D(2026, 3, 2)], "the second"),
    ("3rd mar 2026", [D(2026, 3, 3)], "the third"),
    ("5 de marzo de 2026", [D(2026, 3, 5)], "in Spanish"),
    ("5 Mar", [], "without a year"),
    ("Mar 5", [], "the other way round"),
    ("March 5th, 2026", [D(2026, 3, 5)], "with a year"),
    ("Mar-5-26", [D(2026, 3, 5)], "with hyphens"),
    ("Mar 51", [], "a day that no month has"),
    ("Mar 512", None, "a longer number"),
    ("20260305", [D(2026, 3, 5)], "in a row"),
    ("03052026", [D(2026, 3, 5)], "month first"),
    ("20261305", None, "no month"),
    ("20260335", None, "no day"),
    ("13052026", None, "no month"),
    ("3/5", [], "a month and a day"),
    ("12-31", [], "the last"),
    ("3/10", [], "in the middle of a month"),
    ("3/29", [], "near its end"),
    ("13/5", None, "no month"),
    ("3/32", None, "no day"),
    ("3/5/", None, "more of a row"),
    ("x3/5", None, "part of a word"),
    ("3/5x", None, "part of a word"),
    ("3/5.5", None, "part of a number"),
    ("may", None, "a word alone"),
    ("90", None, "a number"),
]
MONTHS = """
jan january enero; feb february febrero; mar march marzo; apr april abril; may mayo; jun june junio; jul july julio;
aug august agosto; sep sept september septiembre; oct october octubre; nov november noviembre; dec december diciembre
"""


@pytest.mark.parametrize(("text", "days", "because"), DAYS, ids=[row[0] for row in DAYS])
def test_a_date_means_the_days_that_it_may_mean(text, days, because):
    expected = [] if days is None else [When(0, len(text), False, tuple(days))]
    found = whens(text, cut(text))
    assert [each for each in found if not each.has_time] == expected, because


@pytest.mark.parametrize(
    ("number", "name"), [(at, name) for at, names in enumerate(split(MONTHS), start=1) for name in names.split()]
)
def test_a_month_is_known_by_each_of_its_names(number, name):
    for text in (f"5 {name} 2026", f"{name.title()} 5, 2026", f"{name.upper()}-5-2026"):
        assert whens(text, cut(text)) == [When(0, len(text), False, (D(2026, number, 5),))], text


def test_times_stand_where_they_are_and_never_in_each_other():
    text = "On 3/5/2026 at 7:30 am or 0900, 5 May"
    found = whens(text, cut(text))
    assert [text[each.start : each.end] for each in found] == ["3/5/2026", "7:30 am", "0900", "5 May"]
    assert places_of(found, cut(text)) == {1, 2, 3, 5, 6, 7, 9, 10, 11}
    assert places_of([], cut(text)) == set()
    assert places_of(found[1:2], cut(text)) == {5, 6, 7}


def test_a_number_that_is_no_time_hides_none_behind_it():
    text = "5 boxes, may be 7:30"
    assert [text[each.start : each.end] for each in whens(text, cut(text))] == ["7:30"]
