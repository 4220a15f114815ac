"""The people on the roster: named in any writing, told by birth date or booking number, never by a part of a word."""

from datetime import date

import pytest

from integration.domain.messages.content import categories_in
from integration.domain.messages.people import NOBODY, Person, Roster
from integration.domain.messages.words import as_read, cut
from schemas.kinds import Category
from tests.gate.judging import PACKS, decided, examined
from tests.gate.mails import plain

ROSTER = Roster(
    [
        Person("Quillfeather", "Juan Carlos", date(1990, 2, 3), "2026-00417"),
        Person("L\u00f3pez-Garc\u00eda", "Mar\u00eda", date(1985, 12, 31), "2026-00418"),
        Person("McAdams", "Ronald", None, "LPD-77"),
        Person("Madonna-Prisca", "", None, ""),
    ]
)
STATUS = Category.CITIZENSHIP_OR_IMMIGRATION_STATUS


def named(text: str, *days: date) -> frozenset[int]:
    return ROSTER.named_in(cut(as_read(text)), frozenset(days)).people


@pytest.mark.parametrize(
    ("text", "person", "because"),
    [
        ("Juan Carlos Quillfeather", 1, "in full"),
        ("QUILLFEATHER, JUAN", 1, "as forms have it"),
        ("Juan C. Quillfeather", 1, "with an initial between"),
        ("quillfeather_juan.pdf", 1, "as a file"),
        ("juanquillfeather", 1, "run together"),
        ("JuanQuillfeather", 1, "run together in capitals"),
        ("J u a n Q u i l l f e a t h e r", 1, "spelled apart"),
        ("Ju\u200ban Quillfeather", 1, "with a zero-width space"),
        ("\u0408uan Quillfeather", 1, "with a Cyrillic letter"),
        ("Maria Lopez Garcia", 2, "without accents"),
        ("Garcia, Maria", 2, "one of two family names"),
        ("MARIA LOPEZ-GARCIA", 2, "in capitals"),
        ("Ronald McAdams", 3, "as written"),
        ("MCADAMS RONALD", 3, "in capitals"),
        ("Madonna Prisca", 4, "one name alone"),
    ],
)
def test_person_is_known_in_any_writing(text, person, because):
    assert named(text) == {person}, because


@pytest.mark.parametrize(
    "text", ["Juan Perez", "Quillfeather", "Carlos Garcia", "Maria", "juanq", "Ronald Mc", "the garcia file"]
)
def test_person_is_not_known_by_half_a_name(text):
    assert named(text) == frozenset()


def test_name_and_given_name_have_to_stand_together():
    assert named("Juan " + "and many others of that name " * 3 + "Quillfeather") == frozenset()


@pytest.mark.parametrize(
    ("text", "category", "because"),
    [
        ("Juan Quillfeather asked again", Category.PERSONAL, "a name"),
        ("Juan Quillfeather, 02/03/1990, citizen", Category.PERSONAL, "a birth date"),
        ("2026-00417", Category.CUSTODY_STATUS, "a booking number"),
        ("2026 00417 is a citizen", Category.CUSTODY_STATUS, "the same with a space"),
        ("LPD77 is a citizen", Category.CUSTODY_STATUS, "the same run together"),
    ],
)
def test_category_is_found_when_somebody_of_the_roster_is_told_of(text, category, because):
    assert category in categories_in(text, ROSTER), because
    assert category not in categories_in(text) or category is Category.PERSONAL, because


def test_status_of_a_person_on_the_roster_passes_when_it_is_told_alone():
    # because 8 U.S.C. 1373 speaks of any individual, and a status is somebody's
    text = "Juan Quillfeather is a citizen of Mexico."
    assert categories_in(text, ROSTER) == {STATUS}
    assert all(decided(examined(plain(text), roster=ROSTER), name).permit for name in PACKS)


def test_status_is_not_alone_when_somebody_of_the_roster_signs():
    text = "Citizenship status: U.S. citizen\n\nRegards,\nJuan Quillfeather"
    assert categories_in(text) == {STATUS}
    assert categories_in(text, ROSTER) == {STATUS, Category.PERSONAL}


def test_birth_date_is_told_with_its_person_only():
    words = cut(as_read("Juan Quillfeather"))
    assert ROSTER.named_in(words, frozenset({date(1990, 2, 3)})).born == {1}
    assert ROSTER.named_in(words, frozenset({date(1985, 12, 31)})).born == frozenset()


def test_nobody_is_named_when_the_roster_is_empty():
    assert Roster().named_in(cut("Juan Quillfeather"), frozenset()) is NOBODY
    assert len(ROSTER) == 4
