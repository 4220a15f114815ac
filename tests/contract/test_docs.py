"""docs/events.md is the contract inside the repository: whatever the models have stands in it."""

import hashlib
import re

import pytest

from schemas import kinds
from schemas.entries import EntryBase, EntryKind
from schemas.export import event_models
from schemas.kinds import RecipientClass, Rule, Severity, Status, Verdict
from schemas.outputs import FindingLine, MessageDecisionLine, Summary
from schemas.refusals import Reason
from tests.contract.contract import DOCS, ROOT, validator

PAGE = DOCS.read_text(encoding="utf-8")
CODES = set(re.findall(r"[a-z0-9_.]+", " ".join(re.findall(r"`([^`]+)`", PAGE))))


def _fields(node):
    """Every property that a schema has anywhere."""
    if isinstance(node, dict) and isinstance(node.get("properties"), dict):
        yield from node["properties"]
    for inner in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from _fields(inner)


@pytest.mark.parametrize("type_", sorted(event_models()))
def test_page_names_type_and_all_its_fields_when_exported(type_):
    assert type_ in CODES
    assert set(_fields(validator(type_).schema)) - CODES == set()


WORDS = [value for value in vars(kinds).values() if isinstance(value, type) and value.__module__ == kinds.__name__]


@pytest.mark.parametrize("words", [*WORDS, Rule, Status, Severity, Verdict, RecipientClass, Reason, EntryKind])
def test_page_names_every_word_when_list_is_closed(words):
    assert {word.value for word in words} - CODES == set()


@pytest.mark.parametrize("model", [FindingLine, MessageDecisionLine, Summary, EntryBase])
def test_page_names_every_field_when_model_is_an_output(model):
    assert set(model.model_fields) - CODES == set()


def test_example_hash_is_true_when_page_states_one():
    named, told = re.findall(r"`(\[[^`]+\])` gives\n`([0-9a-f]{32})`", PAGE)[0]
    assert hashlib.sha256(named.encode()).hexdigest()[:32] == told


def test_links_lead_somewhere_when_they_stay_in_the_repository():
    headings = re.findall(r"^#+ (.+)$", PAGE, re.MULTILINE)
    anchors = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
    for target in re.findall(r"\]\(([^)]+)\)", PAGE):
        if target.startswith("#"):
            assert target[1:] in anchors, target
        elif not target.startswith("https:"):
            assert (ROOT / "docs" / target).resolve().exists(), target
