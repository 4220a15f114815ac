"""What a page says of files, functions and other pages is so."""

import pytest

from tests.docs.pages import FUNCTIONS, LINKS, PAGES, PATHS, ROOT, anchors, name, names_in, text


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_function_is_there_when_a_page_names_it(page):
    mentioned = [(path, said) for path, said in FUNCTIONS.findall(text(page)) if (ROOT / path).is_file()]
    assert [f"{path}:{said}" for path, said in mentioned if said not in names_in(ROOT / path)] == []


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_file_is_there_when_a_page_names_it(page):
    paths = {*PATHS.findall(text(page)), *(path for path, _ in FUNCTIONS.findall(text(page)))}
    assert [path for path in sorted(paths) if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_link_leads_somewhere_when_it_stays_in_the_repository(page):
    broken = []
    for link in LINKS.findall(text(page)):
        path, _, anchor = link.partition("#")
        if "://" in link or link.startswith("mailto:"):
            continue
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and target.suffix == ".md" and anchor not in anchors(target)):
            broken.append(link)
    assert broken == []


def test_a_missing_function_is_noticed_when_a_module_lacks_it():
    # because a check of nothing would pass for ever
    known = names_in(ROOT / "integration/services/desk.py")
    assert {"Desk", "Desk.commit"} <= known
    assert "Desk.no_such_method" not in known
    assert FUNCTIONS.findall("`integration/services/desk.py:Desk.commit`") == [
        ("integration/services/desk.py", "Desk.commit")
    ]


def test_decisions_are_numbered_without_gaps_when_they_are_listed():
    pages = sorted(page.name for page in (ROOT / "docs" / "adr").glob("*.md"))
    assert [page[:4] for page in pages] == [f"{number:04}" for number in range(len(pages))]


@pytest.mark.parametrize("page", sorted((ROOT / "docs" / "adr").glob("*.md")), ids=name)
def test_decision_has_every_part_when_it_is_written_down(page):
    headings = [line for line in page.read_text(encoding="utf-8").splitlines() if line.startswith("## ")]
    assert headings == ["## Context", "## Drivers", "## Options", "## Outcome"]
