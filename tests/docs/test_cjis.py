"""The map of CJIS controls: each test that it names exists, each claim has one, and the page is made from it."""

import importlib.util
import re
import tomllib

import pytest

from tests.docs.pages import ROOT, names_in

TABLE = tomllib.loads((ROOT / "docs/cjis.toml").read_text(encoding="utf-8"))
CONTROLS = {name: row for name, row in TABLE.items() if isinstance(row, dict)}
# What practice asks of a service like this one.
ASKED = """
AU-2 AU-3 AU-3(3) AU-4 AU-5 AU-6 AU-7 AU-8 AU-9 AU-9(4) AU-11 AU-12 AC-2(3) AC-2(4) AC-4 AC-5 AC-6 AC-7 AC-8 AC-11
IA-2(1) IA-5(1) IA-11 SC-7(5) SC-8 SC-12 SC-13 SC-28 SI-2 SI-7 SI-10 SI-11 IR-6 MP-6 CP-9 CP-10 SA-9
""".split()


@pytest.mark.parametrize(("control", "test"), [(name, test) for name, row in CONTROLS.items() for test in row["tests"]])
def test_the_test_exists_when_a_control_names_it(control, test):
    path, _, name = test.partition("::")
    assert (ROOT / path).exists(), control
    if name:
        assert name in names_in(ROOT / path), control


@pytest.mark.parametrize("control", CONTROLS)
def test_a_claim_is_shown_and_a_gap_told_when_a_control_is_listed(control):
    row = CONTROLS[control]
    assert set(row) <= {"asks", "status", "does", "gap", "tests"}
    assert row["status"] in {"met", "partly", "site", "not_met"}
    assert bool(row.get("gap")) is (row["status"] in {"partly", "not_met"})
    assert row["tests"] or row["status"] in {"site", "not_met"}


def test_every_control_is_listed_when_practice_asks_for_it():
    assert set(ASKED) - set(CONTROLS) == set()
    assert all(re.fullmatch(r"[A-Z]{2}-\d+(\(\d+\))?", name) for name in CONTROLS)


def test_the_page_is_the_one_that_is_made_when_it_is_made_anew():
    spec = importlib.util.spec_from_file_location("cjis", ROOT / ".ci/cjis.py")
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    assert (ROOT / "docs/cjis.md").read_text(encoding="utf-8") == made.page(TABLE)
