"""Lengths of short messages, as the standard counts them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integration.services.alertwords.gsm import fitted, plainer, segments, septets

CASES = [
    ("", 0, 1, "nothing is one message"),
    ("a" * 160, 160, 1, "just fits"),
    ("a" * 161, 161, 2, "one too many"),
    ("a" * 306, 306, 2, "two parts of 153"),
    ("a" * 307, 307, 3, "a third part"),
    ("{" * 80, 160, 1, "an escaped character counts twice"),
    ("{" * 81, 162, 2, "one too many of them"),
    ("a" * 152 + "{" + "a" * 153, 307, 3, "an escape is not torn apart: the first part keeps 152"),
    ("\u20ac", 2, 1, "the euro is in the extension"),
    ("\u00c7\u00e8\u0394", 3, 1, "of the basic table"),
    ("\u00e7", None, 1, "the small cedilla is not"),
    ("\u4e2d" * 70, None, 1, "UCS-2"),
    ("\u4e2d" * 71, None, 2, "one too many"),
    ("\U0001f6a8" * 35, None, 1, "a surrogate pair is two units"),
    ("\U0001f6a8" * 67, None, 3, "and is not torn apart: 33 pairs a part"),
]


@pytest.mark.parametrize(("text", "width", "count", "because"), CASES, ids=[because for *_, because in CASES])
def test_it_is_counted_as_the_standard_counts_when_it_is_sent(text, width, count, because):
    assert (septets(text), segments(text)) == (width, count), because


@given(st.text(max_size=400), st.integers(min_value=1, max_value=3))
def test_it_fits_when_it_is_cut(text, most):
    told = fitted(text, most)
    assert segments(told) <= most
    assert told == text or (told.endswith("...") and text.startswith(told.removesuffix("...")))


@pytest.mark.parametrize(
    ("text", "plain", "because"),
    [
        ("\u201cB\u201d \u2013 it\u2019s\u2026", '"B" - it\'s...', "typography"),
        ("Ram\u00f3n", "Ramon", "an accent that the alphabet has not"),
        ("\u00e9t\u00e9", "\u00e9t\u00e9", "accents that it has"),
        ("\u4e2d\u2019", "\u4e2d\u2019", "another script stays whole: it is UCS-2 anyway"),
    ],
)
def test_it_is_written_plainly_when_that_makes_it_fit(text, plain, because):
    assert plainer(text) == plain, because
