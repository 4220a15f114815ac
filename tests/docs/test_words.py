"""Every word of a closed list that people meet is explained where they look it up."""

import ast
import re
import tomllib
from pathlib import Path

import pytest
from pydantic import BaseModel

from integration.policy.decisions import Reason as DecisionReason
from integration.policy.pack import load, shipped_packs
from integration.policy.proof import Invariant
from integration.services.gate import GateReason
from integration.settings import Settings
from schemas.entries import EntryKind
from schemas.kinds import Rule
from schemas.refusals import Reason
from tests.docs.pages import ROOT, codes, rows

DOCS = ROOT / "docs"
PACK_PAGES = ("policy.md", "packs.md")
SETTINGS = (ROOT / "holdwatch.example.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("page", "words"),
    [
        ("audit-log.md", EntryKind),
        ("policy.md", Rule),
        ("policy.md", DecisionReason),
        ("policy.md", GateReason),
        ("events.md", Rule),
        ("events.md", Reason),
        ("events.md", EntryKind),
    ],
)
def test_page_has_every_word_when_the_list_is_closed(page, words):
    assert {word.value for word in words} - codes(DOCS / page) == set()


def test_invariants_stand_on_the_page_when_packs_are_held_to_them():
    page = (DOCS / "policy.md").read_text(encoding="utf-8")
    listed = re.findall(r"^(\d+)\. ", page.partition("## Invariants")[2].partition("\n## ")[0], re.MULTILINE)
    assert listed == [invariant.value.partition(" ")[0] for invariant in Invariant]


def provisions_told(pack: str) -> dict[str, str]:
    """A pack's table of provisions, on the one page that has it."""
    marker = f"provisions: {pack}"
    [page] = [name for name in PACK_PAGES if f"<!-- {marker} -->" in (DOCS / name).read_text(encoding="utf-8")]
    return rows(DOCS / page, marker)


@pytest.mark.parametrize("pack", shipped_packs())
def test_page_has_exactly_the_provisions_of_a_pack_when_it_is_shipped(pack):
    loaded = load(pack)
    assert set(provisions_told(pack)) == {*loaded.provisions, *loaded.not_enforceable}


@pytest.mark.parametrize("pack", shipped_packs())
def test_page_names_rule_and_policy_when_they_cite_a_provision(pack):
    loaded, told = load(pack), provisions_told(pack)
    cited = [(number, rule.value) for rule, terms in loaded.parameters.terms.items() for number in terms.provisions]
    cited += [(number, clause.id) for clause in loaded.engine.clauses for number in clause.provisions]
    assert [(number, means) for number, means in cited if f"`{means}`" not in told[number]] == []


@pytest.mark.parametrize("pack", shipped_packs())
def test_policy_is_in_the_pack_when_the_page_names_it(pack):
    told = " ".join(provisions_told(pack).values())
    named = set(re.findall(r"`((?:custody|message|approval|access|assist)-[a-z-]+)`", told))
    assert named == {clause.id for clause in load(pack).engine.clauses}


@pytest.mark.parametrize("pack", shipped_packs())
def test_page_says_so_when_a_provision_cannot_be_carried_out(pack):
    loaded, told = load(pack), provisions_told(pack)
    assert {number for number, rest in told.items() if "not enforceable" in rest} == set(loaded.not_enforceable)


def _keys(model: type[BaseModel], prefix: str = ""):
    for field, info in model.model_fields.items():
        inner = next((each for each in _types(info.annotation) if issubclass(each, BaseModel)), None)
        if inner is None:
            yield prefix + field
        else:
            yield from _keys(inner, f"{prefix}{field}.")


def _types(annotation):
    if isinstance(annotation, type) and not getattr(annotation, "__args__", ()):
        yield annotation
    for inner in getattr(annotation, "__args__", ()):
        yield from _types(inner)


@pytest.mark.parametrize("key", sorted(_keys(Settings)))
def test_setting_stands_in_the_example_when_it_exists(key):
    # because the example file is where settings are explained; one may stand there as a comment
    assert re.search(rf"(?<![\w.]){re.escape(key.rpartition('.')[2])} ?=", SETTINGS)


def test_layers_on_the_page_are_those_held_when_imports_are_checked():
    page = (DOCS / "life-of-an-event.md").read_text(encoding="utf-8")
    drawn = page.partition("<!-- layers")[2].partition("```\n")[2].partition("\n```")[0].splitlines()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    held = project["tool"]["importlinter"]["contracts"][0]["layers"]
    assert drawn == [layer.replace("integration.", "") for layer in held]


def test_faust_is_named_by_the_runners_alone_when_it_may_have_to_be_replaced():
    sources = [path for folder in ("integration", "connectors", "schemas") for path in (ROOT / folder).rglob("*.py")]
    using = {path.relative_to(ROOT) for path in sources if "faust" in _imported(path.read_text(encoding="utf-8"))}
    runners = Path("integration/runners")
    assert using == {runners / "faust_app.py", runners / "faust_transport.py", runners / "worker" / "hall.py"}


@pytest.mark.parametrize(("package", "module"), [("httpx", "connectors/http.py")])
def test_dependency_is_named_in_one_module_when_it_may_have_to_be_replaced(package, module):
    sources = [path for folder in ("integration", "connectors", "schemas") for path in (ROOT / folder).rglob("*.py")]
    using = [path for path in sources if package in _imported(path.read_text(encoding="utf-8"))]
    assert using == [ROOT / module]


def _imported(source: str) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.partition(".")[0])
    return found
