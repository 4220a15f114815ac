"""What a trial says of a mapping that reads everything and watches nobody."""

import pytest

from connectors.mapping.load import load_mapping, mapping_from
from connectors.mapping.questions import unanswered
from tests.conftest import ROOT

HEAD = """\
version = 1
source = "/jms/a"
zone = "America/Detroit"
[record]
booking = "no"
[tables.kinds]
codes = { C = "charge", I = "immigration_detainer" }
[tables.papers]
codes = { I = "immigration_detainer" }
"""
RULE = '[[events]]\nname = "r{number}"\ntype = "{type}"\ntime = "at"\n{more}'


def mapping(*rules):
    return mapping_from(HEAD + "".join(RULE.format(number=at, type=a, more=b) for at, (a, b) in enumerate(rules)))


def held(kind):
    return ("hold.placed", f'data = {{ hold_id = {{ value = "h" }}, kind = {kind} }}\n')


BOOKED, RELEASED = ("booking.opened", ""), ("release.completed", "")
DUE = ("release.due", 'data = { due_at = "at", reason = { value = "other" } }\n')
LIFTED = ("hold.lifted", 'data = { hold_id = { value = "h" } }\n')
CHARGE, PAPER = held('{ value = "charge" }'), held('{ value = "immigration_detainer" }')
CASES = [
    ((BOOKED, CHARGE, PAPER, DUE, RELEASED), [], "everything"),
    ((BOOKED, held('{ column = "k", table = "kinds" }'), LIFTED, RELEASED), [], "a table says both kinds"),
    ((BOOKED, held('{ column = "k" }'), LIFTED, RELEASED), [], "a column may say any"),
    ((BOOKED, CHARGE, PAPER, RELEASED), ["owed release"], "who is held and never who is owed release"),
    ((BOOKED, CHARGE, PAPER, DUE), ["has left"], "nobody ever leaves"),
    ((BOOKED, held('{ column = "k", table = "papers" }'), DUE, RELEASED), ["local case"], "papers alone"),
    ((BOOKED, CHARGE, DUE, RELEASED), ["immigration paper"], "charges alone"),
    ((PAPER,), ["was booked", "local case", "owed release", "has left"], "a feed of papers beside another one"),
]


@pytest.mark.parametrize(("rules", "missing", "because"), CASES, ids=[row[2] for row in CASES])
def test_trial_tells_what_no_rule_says(rules, missing, because):
    told = unanswered(mapping(*rules))
    assert len(told) == len(missing), because
    assert all(words in sentence for words, sentence in zip(missing, told, strict=True))


def test_example_of_the_guide_leaves_nothing_open():
    assert unanswered(load_mapping(ROOT / "connectors" / "jms_csv" / "example" / "mapping.toml")) == []
