"""Classes of admission and the letters of countries: they tell where people are from, and are status."""

import pytest

from integration.domain.messages.content import categories_in
from integration.domain.messages.lists import is_list_of_people
from integration.domain.messages.statusonly import is_status_only
from integration.domain.messages.views import Kind
from schemas.kinds import Category

CLASSES = """
b1 b2 b1b2 a1 a2 a3 c1 c2 c3 c1d d1 d2 e1 e2 e3 f1 f2 f3 f4 g1 g2 g3 g4 g5 h1a h1b h1b1 h1c h2a h2b h3 h4 i1
j1 j2 k1 k2 k3 k4 l1 l1a l1b l2 m1 m2 n8 n9 o1 o2 o3 p1 p1a p1b p2 p3 p4 q1 q2 r1 r2 s5 s6 s7 t1 t2 t3 t4 t5
t6 u1 u2 u3 u4 u5 v1 v2 v3 ir1 ir2 cr1 cr2 ir5 ir6 cr6 fb1 eb1 eb2 eb3 eb5 c08 c09 c10 a03 a05 a10 a12 c33 c31
c19 c8 c9
""".split()
FORMS = "i551 i94 i766 i797 i485 i589 i130 i765 n400 n550 n560 n565".split()
STATUSES = """
usc lpr cpr ltr tps daca ded ewi ead sij sijs vawa uac asy ref par dt adj tn td wb wt vwp dv d s u v
""".split()
COUNTRIES = """
mx mm mex usa us ca can gt gtm hn hnd sv slv cu cub ht hti do dom co col ve ven ni nic pe per ec ecu br bra cn chn in
ind vn vnm ph phl kr kor jm jam gh gha ng nga so som iq irq ir irn sy syr af afg pk pak bd bgd np npl mmr et eth er
eri sn sen
""".split()
ALL = [*CLASSES, *FORMS, *STATUSES, *COUNTRIES]
STATUS = frozenset({Category.CITIZENSHIP_OR_IMMIGRATION_STATUS})


def listed(code: str) -> bool:
    return is_list_of_people("\n".join(f"{name} | {code}" for name in ("Roe, Jane", "Doe, John", "Poe, Ann")))


def test_a_list_tells_where_people_are_from_by_every_code():
    assert len(ALL) == len(set(ALL)) > 200
    assert [code for code in ALL if not listed(code.upper())] == []


def test_a_code_is_one_in_capitals_only():
    # "us" and "usa" are words, too.
    assert [code for code in ALL if listed(code)] == ["usa", "us"]


@pytest.mark.parametrize("code", ["Z9", "XQ", "H9Z", "", "1", "12", "AB12"])
def test_nothing_else_is_a_code(code):
    assert not listed(code)


def test_every_class_of_admission_is_a_status():
    assert [code for code in CLASSES if not is_status_only(f"Class: {code.upper()}.", Kind.TEXT)] == []
    assert [code for code in CLASSES if categories_in(f"He is a citizen of Mexico, {code.upper()}.") != STATUS] == []


def test_every_form_and_every_status_of_letters_is_let_in_beside_a_status():
    codes = [*FORMS, *STATUSES, *COUNTRIES]
    assert [code for code in codes if not is_status_only(f"Code {code.upper()}, citizen of Mexico.", Kind.TEXT)] == []


def test_a_class_that_is_none_is_not_let_in():
    assert not is_status_only("Class: Z9.", Kind.TEXT)
    assert categories_in("He is a citizen of Mexico, Z9.") == STATUS | {Category.OTHER}
