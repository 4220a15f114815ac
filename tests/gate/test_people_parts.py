"""The people on the roster: every way in which a text names them, at its borders, and what is told with them."""

from datetime import date
from itertools import product

import pytest

from integration.domain.messages.people import MISSING, NOBODY, Named, Person, Roster
from integration.domain.messages.words import as_read, cut

BORN = date(1990, 3, 5)
ROSTER = Roster(
    [
        Person("Quillfeather", "Juan Carlos", BORN, "2026-00417"),  # 1
        Person("L\u00f3pez-Garc\u00eda", "Ana de la", date(1985, 12, 31), "AB-12-CD-34"),  # 2
        Person("Quillfeather", "Juan", None, "B-100"),  # 3, of the same name as 1
        Person("Prisca Madonna", ""),  # 4
        Person("", "Xi"),  # 5
        Person("Wu", "Li"),  # 6
        Person("de la", "de"),  # 7, nobody
        Person("Oyelaran", "Bo", None, "1234"),  # 8
        Person("Van Buren", "Al"),  # 9
    ]
)


def named(text: str, *days: date, roster: Roster = ROSTER) -> Named:
    return roster.named_in(cut(as_read(text)), frozenset(days))


PEOPLE = [
    ("Juan Quillfeather", {1, 3}, {0, 1}, "two of one name"),
    ("Carlos Quillfeather", {1}, {0, 1}, "by the second name"),
    ("QUILLFEATHER, CARLOS", {1}, {0, 1}, "in any order"),
    ("Ana Lopez", {2}, {0, 1}, "one of two family names"),
    ("Garcia Ana", {2}, {0, 1}, "the other"),
    ("Lopez Garcia", set(), set(), "two family names are no person"),
    ("Carlos Juan", set(), set(), "nor are two given ones"),
    ("Carlos Lopez", set(), set(), "nor names of two people"),
    ("la Lopez", set(), set(), "a particle is no name"),
    ("Carlos one two three four Quillfeather", {1}, {0, 5}, "five words apart"),
    ("Carlos one two three four five Quillfeather", set(), set(), "six"),
    ("Carlos x Ana x Quillfeather x Lopez", {1, 2}, {0, 2, 4, 6}, "two people in each other"),
    ("Carlos Quillfeather Quillfeather", {1}, {0, 1, 2}, "once, wherever it stands"),
    ("Prisca Madonna", {4}, {0, 1}, "one name alone, in a row"),
    ("Madonna Prisca", set(), set(), "and in no other order"),
    ("Prisca x Madonna", set(), set(), "nor apart"),
    ("priscamadonna", {4}, {0}, "run together"),
    ("pris cama donna", {4}, {0, 1, 2}, "in three words"),
    ("pr is cama donna", set(), set(), "not in four"),
    ("x prisca madonna y", {4}, {1, 2}, "among others"),
    ("Xi", {5}, {0}, "a name of two letters"),
    ("x i", {5}, {0, 1}, "also spelled apart"),
    ("Li Wu", {6}, {0, 1}, "two short names"),
    ("liwu", set(), set(), "too short to be two names run together"),
    ("juanquillfeather", {1, 3}, {0}, "two names run together"),
    ("quillfeatherjuan", {1, 3}, {0}, "in any order"),
    ("juanlopez", set(), set(), "not of two people"),
    ("xjuanquillfeather", set(), set(), "as part of a longer word"),
    ("juanquillfeatherx", set(), set(), "also before it"),
    ("anagarcia", {2}, {0}, "one of two"),
    ("bo oyelaran", {8}, {0, 1}, "a name of two letters and a longer one"),
    ("booyelaran", {8}, {0}, "run together"),
    ("oyelaranbo", {8}, {0}, "the other way round"),
    ("buren al", {9}, {0}, "without its particles it is a name alone"),
    ("nobody", set(), set(), "nobody"),
]


@pytest.mark.parametrize(("text", "people", "places", "because"), PEOPLE, ids=[row[3] for row in PEOPLE])
def test_people_are_named_and_their_words_known(text, people, places, because):
    found = named(text)
    assert (found.people, found.words) == (people, places), because
    assert (found.born, found.bookings) == (frozenset(), 0)


def test_names_run_together_have_6_to_40_letters():
    roster = Roster([Person("Abc", "Def"), Person("Ab", "Def"), Person("a" * 20, "b" * 20), Person("a" * 20, "c" * 21)])
    assert named("abcdef", roster=roster).people == {1}
    assert named("abdef", roster=roster).people == frozenset()
    assert named("a" * 20 + "b" * 20, roster=roster).people == frozenset()  # letters of a row are one letter
    long = Roster([Person("abcdefghij" * 2, "klmnopqrst" * 2), Person("abcdefghij" * 2, "klmnopqrst" * 2 + "u")])
    assert named("abcdefghij" * 2 + "klmnopqrst" * 2, roster=long).people == {1}
    assert named("abcdefghij" * 2 + "klmnopqrst" * 2 + "u", roster=long).people == frozenset()


def test_a_word_that_is_a_name_by_itself_is_not_two():
    roster = Roster([Person("Perez", "Juan"), Person("Juanperez", "Ana")])
    assert named("juanperez", roster=roster).people == frozenset()
    assert named("juanperez ana", roster=roster).people == {2}


@pytest.mark.parametrize(
    ("text", "days", "born", "because"),
    [
        ("Carlos Quillfeather", [BORN], {1}, "a name and its day"),
        ("Juan Quillfeather", [BORN], {1}, "of two, the one who has a day"),
        ("Carlos Quillfeather", [date(1990, 5, 3)], set(), "another day"),
        ("Ana Lopez", [BORN], set(), "another's day"),
        ("Ana Lopez Carlos Quillfeather", [BORN, date(1985, 12, 31)], {1, 2}, "two"),
        ("nobody", [BORN], set(), "a day alone"),
    ],
)
def test_a_birth_date_is_told_with_its_person(text, days, born, because):
    assert named(text, *days).born == born, because


@pytest.mark.parametrize(
    ("text", "count", "because"),
    [
        ("2026-00417", 1, "as written"),
        ("202600417", 1, "in a row"),
        ("2026 00417 x", 1, "in two words"),
        ("ab12cd34", 1, "with letters"),
        ("AB 12 CD 34", 1, "in four words"),
        ("x AB-12 CD-34 y", 1, "among others"),
        ("A B 12 CD 34", 0, "in five"),
        ("2026-00417 and 2026-00417", 2, "twice"),
        ("2026-00417, B-100", 1, "one that is too short is known by the word beside it"),
        ("b100", 0, "four characters"),
        ("1234", 0, "four digits"),
        ("2026-00418", 0, "another"),
        ("2026", 0, "half of one"),
    ],
)
def test_booking_numbers_are_counted_however_they_are_cut(text, count, because):
    assert named(text).bookings == count, because
    assert named(text).people == frozenset()


def test_a_booking_of_five_characters_is_long_enough():
    roster = Roster([Person("Perez", "Juan", None, "12-345"), Person("Gil", "Ana", None, "1-234")])
    assert (named("12345", roster=roster).bookings, named("1234", roster=roster).bookings) == (1, 0)
    assert named("12345", roster=Roster([Person("Perez", "Juan")])).bookings == 0


def test_a_booking_without_a_digit_is_a_word_like_others():
    roster = Roster([Person("Perez", "Juan", None, "ABCDEF")])
    for text in ("abcdef", "abcdef one two three four 7"):
        assert named(text, roster=roster).bookings == 0, text


def test_eight_people_of_one_name_are_told_apart():
    roster = Roster([Person("Perez", "Juan")] * 10)
    assert named("Juan Perez", roster=roster).people == set(range(1, 9))
    assert len(roster) == 10


PARTICLES = "de del la las los da do dos das di du van von der den bin ibn al el y e jr sr ii iii iv".split()


@pytest.mark.parametrize("particle", PARTICLES)
def test_nobody_is_known_by_a_particle(particle):
    roster = Roster([Person(f"{particle} Perez", f"Juan {particle}"), Person(particle, "")])
    assert named(f"{particle} Juan", roster=roster).people == frozenset()
    assert named(f"{particle} Perez", roster=roster).people == frozenset()
    assert named("Juan Perez", roster=roster).people == {1}


def test_nobody_is_named_when_nobody_is_on_the_roster():
    assert named("Juan Perez", roster=Roster()) is NOBODY
    assert Named(frozenset(), frozenset(), 0, frozenset()) == NOBODY
    assert (Roster().missing, ROSTER.missing, MISSING.missing, len(MISSING)) == (False, False, True, 0)
    assert Person("Perez", "Juan") == Person("Perez", "Juan", None, "")


def test_one_letter_is_no_name():
    roster = Roster([Person("Perez", "J"), Person("Q", "Ana Maria")])
    assert named("J Perez", roster=roster).people == {1}, "known by the family name alone"
    assert named("Perez", roster=roster).people == {1}
    assert named("Ana", roster=roster).people == frozenset()
    assert named("Ana Maria", roster=roster).people == {2}


@pytest.mark.parametrize(
    "name",
    ["Juan DelaCruz", "JuanCarlos DelaCruz", "Tim FitzGerald", "Bo McArthur", "Ana LopezGarcia"],
)
def test_a_name_in_mixed_capitals_is_known_in_every_writing(name):
    given, family = name.split()
    roster = Roster([Person(family, given)])
    for text in (name, name.upper(), name.lower(), f"{family}, {given}", f"{family.upper()}, {given}"):
        assert named(text, roster=roster).people == {1}, text
    assert named(family, roster=roster).people == frozenset()
    for alone in (Person(family, ""), Person("", family)):
        assert named(family, roster=Roster([alone])).people == {1}
        assert named(family.upper(), roster=Roster([alone])).people == {1}


def test_a_name_that_the_roster_spells_apart_is_known():
    for roster in (Roster([Person("Perez", "J U A N")]), Roster([Person("J U A N", "")])):
        assert named("Juan Perez", roster=roster).people == {1}


@pytest.mark.parametrize(
    "text", ["DELCRUZ GARCIA", "delcruz garcia", "DelCruz Garcia", "Del Cruz Garcia", "Cruz Garcia"]
)
def test_one_name_alone_is_known_in_every_writing_when_its_capitals_part_it(text):
    for alone in (Person("DelCruz Garcia", ""), Person("", "DelCruz Garcia")):
        assert named(text, roster=Roster([alone])).people == {1}
        assert named(text.split()[0], roster=Roster([alone])).people == frozenset()


APART = [
    ("lopez oyelaran", [["lopez"], ["oyelaran"]], "family names of two people"),
    ("lopez garcia", [["garcia", "lopez"]], "both of one person"),
    ("lopez oyelaran wu", [["lopez"], ["oyelaran"], ["wu"]], "of three"),
    ("lopez garcia wu ana", [["garcia", "lopez"], ["wu"]], "a given name says nothing"),
    ("oyelaranwu", [], "two letters are too few in a longer word"),
    ("oyelaranlopez", [["lopez"], ["oyelaran"]], "run together"),
    ("oyelaranlopezquillfeather", [["lopez"], ["oyelaran"], ["quillfeather"]], "three of them"),
    ("garcialopez", [["garcia", "lopez"]], "of one person"),
    ("oyelaranx", [], "with a letter more"),
    ("xoyelaran", [], "also before it"),
    ("oyelaran oyelaran", [["oyelaran"]], "twice the same"),
    ("prisca madonna", [["madonna", "prisca"]], "a name of one person's, all of it"),
    ("xi wu", [["wu"], ["xi"]], "also where it is a given name"),
    ("ana juan", [], "nobody's family name"),
    ("o'yelaran", [["oyelaran"]], "with an apostrophe"),
    ("", [], "nothing"),
]


@pytest.mark.parametrize(("text", "groups", "because"), APART, ids=[row[2] for row in APART])
def test_family_names_are_those_of_the_fewest_people_who_have_them(text, groups, because):
    expected = frozenset(map(frozenset, groups))
    assert ROSTER.apart(text.split()) == expected, because
    assert ROSTER.apart(reversed(text.split())) == expected
    assert Roster().apart(text.split()) == frozenset()


@pytest.mark.parametrize(("families", "groups"), [(60, 30), (61, 61)])
def test_family_names_are_told_each_by_itself_when_there_are_more_than_anybody_has(families, groups):
    names = [
        "".join(pair) for pair in product("bdfglmnrst", ("oyela", "uyelo", "eyalu", "iyole", "ayilu", "oyuli", "uyila"))
    ]
    roster = Roster([Person(f"{one} {two}", "Ana") for one, two in zip(names[::2], names[1::2], strict=True)])
    assert len(roster.apart(names[:families])) == groups


def test_a_given_name_that_somebody_else_is_called_by_is_still_ones_own():
    roster = Roster([Person("Thomas", "Bo"), Person("Gil", "Thomas"), Person("Diaz", "Thomas")])
    assert roster.apart(["thomas", "gil"]) == {frozenset({"thomas", "gil"})}
    assert roster.apart(["diaz", "thomas"]) == {frozenset({"thomas", "diaz"})}
    assert roster.apart(["diaz", "thomas", "gil"]) in (
        {frozenset({"thomas", "diaz"}), frozenset({"gil"})},
        {frozenset({"thomas", "gil"}), frozenset({"diaz"})},
    )


def test_the_person_who_has_most_of_the_names_is_one():
    people = [("Aba Caba", "X"), ("Caba Dada Eka", "Y"), ("Eka", "Z")]
    roster = Roster([Person(family, given) for family, given in people])
    assert roster.apart(["aba", "caba", "dada", "eka"]) == {frozenset({"aba"}), frozenset({"caba", "dada", "eka"})}


def test_all_of_ones_names_are_ones_own():
    roster = Roster([Person("Aba Caba", "Dada Eka"), Person("Dada", "X"), Person("Eka", "Y")])
    assert roster.apart(["aba", "caba", "dada", "eka"]) == {frozenset({"aba", "caba", "dada", "eka"})}


def test_a_word_of_40_letters_is_looked_at_for_family_names():
    roster = Roster(
        [Person("ab" * 10, "Bo"), Person("cd" * 10, "Bo"), Person("ef" * 10 + "g", "Bo"), Person("Xyz", "Bo")]
    )
    assert len(roster.apart(["ab" * 10 + "cd" * 10])) == 2
    assert roster.apart(["ab" * 10 + "ef" * 10 + "g"]) == frozenset()
    assert len(roster.apart(["xyz" + "cd" * 10])) == 2, "three letters are enough"
