"""Every name that a writing of a person may stand for, so that nobody approves a message of their own."""

import pytest

from integration.domain.persons import may_be_one, names_of

WRITINGS = [
    ("jdoe", {"jdoe"}, "a login"),
    ("officer:jdoe", {"jdoe"}, "after its role"),
    ("role:officer:jdoe", {"jdoe"}, "after two"),
    ("LANSING\\jdoe", {"jdoe"}, "after its domain"),
    ("A\\B\\jdoe", {"jdoe"}, "after two"),
    ("jdoe@lansing.example", {"jdoe"}, "the domain of an address says nothing"),
    ("jdoe@home@lansing.example", {"jdoehome"}, "the last @ is the address's"),
    ("smtp:LANSING\\jdoe@lansing.example", {"jdoe"}, "all of it"),
    ("J.Doe", {"jdoe"}, "dots and capitals"),
    ("j-doe_1", {"jdoe1"}, "other marks that people leave out"),
    ("John Doe", {"johndoe"}, "a blank"),
    ("j\tdoe", {"jdoe"}, "a tab"),
    ('"jdoe"@x.example', {"jdoe"}, "in quotes"),
    ("jdo\u00e9", {"jdoe"}, "an accent"),
    ("\u6d4b\u8bd5", {"\u6d4b\u8bd5"}, "another script is a name, too"),
    ("jdoe@x.example\nalee@y.example", {"jdoe", "alee"}, "one writing a line"),
    ("jdoe\n", {"jdoe"}, "an empty line names nobody"),
    *((f"jdoe{mark}night", {"jdoe", "night", "jdoenight"}, f"{mark} parts two names") for mark in "=+/%!#,;()<>[]\"'"),
    ("jdoe+=night", {"jdoe", "night", "jdoenight"}, "two marks part no more than one"),
    ("prvs=0123=jdoe@x.example", {"jdoe", "0123", "prvs0123jdoe"}, "a signed sender (BATV)"),
    ("SRS0=HHH=TT=a.example=jdoe@b.example", {"jdoe", "hhh", "tt", "aexample", "srs0hhhttaexamplejdoe"}, "SRS"),
    *((f"{mark}=jdoe", {"jdoe", f"{mark}jdoe"}, f"{mark} is no name")
      for mark in ("batv", "srs0", "srs1", "cn", "uid", "ou", "dc")),
    ("cn", set(), "nor alone"),
    ("c n=jdoe", {"jdoe", "cnjdoe"}, "a blank makes no name of one"),
]  # fmt: skip


@pytest.mark.parametrize(("said", "names", "because"), WRITINGS, ids=[row[2] for row in WRITINGS])
def test_every_name_is_read_when_a_person_is_written(said, names, because):
    assert names_of(said) == names, because


@pytest.mark.parametrize("said", [None, "", " ", "officer:", "LANSING\\", "@lansing.example", "...", "\n\n"])
def test_nobody_is_named_when_no_letter_and_no_digit_stands_there(said):
    assert names_of(said) == frozenset()


@pytest.mark.parametrize(
    ("one", "other", "same", "because"),
    [
        ("officer:jdoe", "jdoe@x.example", True, "one name in two writings"),
        ("jdoe+batch@x.example", "prvs=1=jdoe@y.example", True, "one of several names"),
        ("officer:jdoe", "officer:chief", False, "two names"),
        (None, "chief", True, "who names nobody may be anybody"),
        ("chief", None, True, "and so may the other"),
        ("", "", True, "and both"),
    ],
)
def test_two_writings_may_be_one_person_when_they_share_a_name(one, other, same, because):
    assert may_be_one(one, other) is same, because
