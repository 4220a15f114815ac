"""What a roster says beside the one before and who is in custody here."""

import pytest

from integration.services.roster import DifferenceKind, Listed, compare

K = DifferenceKind


def listed(**people):
    return Listed(people, dict.fromkeys(people, 1))


CASES = [
    (listed(A="p"), listed(A="p"), "A", [], "all as it was"),
    (listed(A="p"), listed(A="p", B="q"), "AB", [(K.MISSING, "B", "")], "absence is told, and is no release"),
    (listed(A="p"), listed(A="p", B="q"), "A", [], "whoever left here may leave the list"),
    (listed(A="p", B="q"), listed(A="p"), "A", [(K.EXTRA, "B", "")], "nobody told us of B"),
    (listed(C="q"), listed(B="q"), "B", [(K.MOVED, "B", "C"), (K.EXTRA, "C", "")], "the same person, another number"),
    (listed(C="r"), listed(B="q"), "B", [(K.MISSING, "B", ""), (K.EXTRA, "C", "")], "another person"),
    (listed(A="p", B="p"), listed(A="p", B="q"), "AB", [(K.MERGED, "A", "B")], "two people have become one"),
    (listed(A="p", B="p"), listed(A="p", B="p"), "AB", [], "one person under two numbers all along"),
    (listed(A="", B=""), listed(A="", B=""), "AB", [], "a roster that names no people merges nobody"),
    (Listed({"A": "p"}, {"A": 1}), Listed({"A": "p"}, {"A": 3}), "A", [(K.ROWS_GONE, "A", "2")], "charges vanished"),
    (Listed({}, {}), Listed({}, {}), "A", [(K.MISSING, "A", "")], "an empty list frees nobody"),
]


@pytest.mark.parametrize(("now", "before", "held", "told", "because"), CASES, ids=[case[4] for case in CASES])
def test_difference_is_told_when_the_lists_differ(now, before, held, told, because):
    assert [tuple(each) for each in compare(now, before, list(held))] == told, because
