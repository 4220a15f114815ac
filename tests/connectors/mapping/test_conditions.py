"""Which rows a rule is for: five ways to write an immigration hold, and what only looks like one."""

import pytest

from connectors.mapping.apply import Mapper
from connectors.mapping.load import mapping_from

BASE = """
version = 1
source = "/jms/a"
zone = "America/Denver"
[record]
booking = "no"
[tables.status]
codes = {{ IMM = "immigration", OPEN = "keeps" }}
[immigration]
names = ["ERO DENVER"]
words = ["MIGRA"]
[[events]]
name = "rule"
type = "booking.voided"
time = {{ observed = true }}
where = [{where}]
"""
CASES = [
    ('column = "flag", in = ["Y", "1", true]', {"flag": "y"}, True, "codes compare without case"),
    ('column = "flag", in = ["Y", "1", true]', {"flag": True}, True, "a database's own truth"),
    ('column = "flag", in = ["Y", "1", true]', {"flag": "N"}, False, "no"),
    ('column = "flag", not_in = ["N"]', {}, True, "nothing is not N"),
    ('column = "agency", names = "immigration_authority"', {"agency": "Immigration & Customs Enforcem"}, True, "cut"),
    ('column = "agency", names = "immigration_authority"', {"agency": "ICE"}, True, "as it is called"),
    ('column = "agency", names = "immigration_authority"', {"agency": "POLICE"}, False, "ICE inside a word"),
    ('column = "agency", names = "immigration_authority"', {"agency": "FORT COLLINS PD"}, False, "INS inside a word"),
    ('column = "agency", names = "immigration_authority"', {"agency": "JUSTICE CENTER"}, False, "ICE inside a word"),
    ('column = "agency", names = "immigration_authority"', {"agency": "Ero Denver"}, True, "this county's own name"),
    ('column = "agency", names = "other_agency"', {"agency": "US MARSHAL"}, True, "another agency"),
    ('column = "agency", names = "other_agency"', {"agency": " null "}, False, "nobody is no agency"),
    ('column = "charge", says = "immigration_hold"', {"charge": "HOLD IMMIGRAT"}, True, "a charge that is none"),
    ('column = "charge", says = "immigration_hold"', {"charge": "HOLD FOR MIGRA"}, True, "this county's own word"),
    ('column = "charge", says = "immigration_hold"', {"charge": "IMM HOLD"}, True, "as some write it"),
    (
        'column = "charge", says = "immigration_hold"',
        {"charge": "REMOVAL PROCEEDINGS HOLD"},
        True,
        "with words nobody knows",
    ),
    ('column = "charge", says = "immigration_hold"', {"charge": "NO PROOF OF INS"}, False, "insurance"),
    ('column = "charge", says = "agency_hold"', {"charge": "HOLD US MARSHAL"}, True, "another agency's hold"),
    ('column = "charge", says = "charge"', {"charge": "UNLAWFUL HOLD OF PROPERTY"}, True, "a charge"),
    ('column = "status", table = "status", means = ["immigration"]', {"status": "imm"}, True, "by its meaning"),
    ('column = "status", table = "status", means = ["immigration"]', {"status": "OPEN"}, False, "another meaning"),
    ('column = "form", empty = false', {"form": "I-247A"}, True, "a form is named"),
    ('column = "form", empty = false', {"form": "NULL"}, False, "none is named"),
    ('column = "form", empty = true', {}, True, "none is named"),
]


@pytest.mark.parametrize(("where", "row", "fires", "because"), CASES, ids=[f"{case[0]}-{case[3]}" for case in CASES])
def test_rule_fires_when_its_condition_is_met(where, row, fires, because):
    from datetime import UTC, datetime

    mapper = Mapper(mapping_from(BASE.format(where=f"{{ {where} }}")))
    mapped = mapper.map({"no": "B-1", **row}, observed=datetime(2026, 3, 2, tzinfo=UTC))
    assert bool(mapped.events) is fires, because
    assert not mapped.refusals


def test_rule_is_refused_when_a_condition_meets_an_unknown_code():
    mapper = Mapper(mapping_from(BASE.format(where='{ column = "status", table = "status", means = ["keeps"] }')))
    assert [each.reason.value for each in mapper.map({"no": "B", "status": "?"}, observed=None).refusals] == [
        "unmapped_code"
    ]
