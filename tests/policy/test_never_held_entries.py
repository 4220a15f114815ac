"""What a pack may not list among the recipients that are never held up, and where it is told that it does."""

from dataclasses import replace

import pytest

from integration.domain.agencies import Directory
from integration.domain.neverheld import NeverHeld, Service
from integration.policy.neverheld import governed_entries
from integration.policy.pack import load
from tests.policy.conftest import LANSING

AUTHORITIES = Directory(
    names=("ICE",),
    domains=("ice.gov", "eoir.justice.gov"),
    oris=frozenset({"VTICE0900"}),
    numbers=frozenset({"8028726020"}),
    addresses=frozenset({"taskforce@county.example", "b@county.example"}),
)
PARTNERS = Directory(
    names=("Elm County",),
    domains=("elm.example",),
    oris=frozenset({"MI2500000"}),
    numbers=frozenset({"5175550111"}),
    addresses=frozenset({"jail@oak.example"}),
)
PARAMETERS = replace(load(LANSING).parameters, immigration_authorities=AUTHORITIES, partner_agencies_287g=PARTNERS)
FINE = NeverHeld(
    Service.COURT,
    "because",
    domains=("courts.example",),
    addresses=frozenset({"er@hospital.example", "elm-county@courts.example"}),
    oris=frozenset({"WVIAFIS0Z"}),
    numbers=frozenset({"5175550100"}),
)


def entry(**listed) -> NeverHeld:
    return NeverHeld(Service.COURT, "because", **listed)


def told(*entries: NeverHeld) -> list[tuple[str, str]]:
    return list(governed_entries(replace(PARAMETERS, never_held=entries)))


def test_nothing_is_told_when_only_others_are_listed():
    assert told(FINE, FINE) == []


AUTHORITY = "{} is an immigration authority (by {})"
PARTNER = "{} is a 287(g) partner (by {})"
CASES = [
    ({"domains": ("x.ice.gov",)}, "domains", AUTHORITY.format("x.ice.gov", "domain")),
    ({"addresses": frozenset({"a@ice.gov"})}, "addresses", AUTHORITY.format("a@ice.gov", "domain")),
    ({"addresses": frozenset({"ice@oak.example"})}, "addresses", AUTHORITY.format("ice@oak.example", "local_part")),
    ({"oris": frozenset({"VTICE0900"})}, "oris", AUTHORITY.format("VTICE0900", "ori")),
    ({"numbers": frozenset({"8028726020"})}, "numbers", AUTHORITY.format("8028726020", "number")),
    ({"domains": ("elm.example",)}, "domains", PARTNER.format("elm.example", "domain")),
    ({"addresses": frozenset({"jail@oak.example"})}, "addresses", PARTNER.format("jail@oak.example", "alias")),
    ({"oris": frozenset({"MI2500000"})}, "oris", PARTNER.format("MI2500000", "ori")),
    ({"numbers": frozenset({"5175550111"})}, "numbers", PARTNER.format("5175550111", "number")),
    (
        {"domains": ("1ce.gov",)},
        "domains",
        "1ce.gov cannot be told from an immigration authority for certain (look_alike_domain)",
    ),
    ({"domains": ("justice.gov",)}, "domains", "an immigration authority lies below it: eoir.justice.gov"),
]


@pytest.mark.parametrize(("listed", "key", "message"), CASES, ids=[row[2] for row in CASES])
def test_an_entry_is_told_by_its_place_when_it_may_not_stand_there(listed, key, message):
    assert told(FINE, entry(**listed)) == [(f"parameters.never_held.1.{key}", message)]


def test_every_fault_is_told_in_order_when_there_are_several():
    several = entry(
        domains=("county.example", "ice.gov"), addresses=frozenset({"b@ice.gov", "a@ice.gov"}), oris=frozenset({"AX"})
    )
    assert told(several) == [
        ("parameters.never_held.0.domains", AUTHORITY.format("ice.gov", "domain")),
        ("parameters.never_held.0.addresses", AUTHORITY.format("a@ice.gov", "domain")),
        ("parameters.never_held.0.addresses", AUTHORITY.format("b@ice.gov", "domain")),
        ("parameters.never_held.0.domains", "an immigration authority lies below it: b@county.example"),
        ("parameters.never_held.0.domains", "an immigration authority lies below it: taskforce@county.example"),
    ]


def test_a_partner_known_by_words_alone_may_stand_there():
    # because a court in a partner's county is no partner
    assert told(entry(addresses=frozenset({"elm-county@courts.example"}))) == []
