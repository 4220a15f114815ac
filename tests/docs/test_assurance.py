"""Every claim of docs/assurance.md has a test that is there, a command, a figure and a day."""

import re

import pytest

from tests.docs.pages import ROOT

PAGE = ROOT / "docs" / "assurance.md"
HEAD = ["claim", "test", "command", "figure", "taken"]
COMMAND = re.compile(r"`(make|pytest|python|holdwatch) [^`]+`")


def rows() -> list[dict[str, str]]:
    found, head = [], []
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if not line.startswith("|"):
            head = []
        elif not head:
            head = cells
        elif head == HEAD and set(cells) != {"---"}:
            found.append(dict(zip(head, cells, strict=True)))
    return found


def test_claims_are_made():
    assert len(rows()) > 25


@pytest.mark.parametrize("row", rows(), ids=lambda row: row["claim"][:60])
def test_claim_has_a_test_a_command_a_figure_and_a_day(row):
    links = re.findall(r"\]\(\.\./(tests/[^)#]+)\)", row["test"])
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []
    assert COMMAND.search(row["command"])
    assert re.search(r"\d|mutants\.md", row["figure"])
    assert re.fullmatch(r"20\d\d-\d\d-\d\d", row["taken"])


def test_command_of_make_is_there_when_a_claim_names_it():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    named = {target for row in rows() for target in re.findall(r"`make (\w+)", row["command"])}
    assert [target for target in sorted(named) if not re.search(rf"^{target}:", makefile, re.MULTILINE)] == []
