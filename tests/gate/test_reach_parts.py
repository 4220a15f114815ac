"""Whom a recipient is, one way of knowing at a time, and which of several counts."""

from dataclasses import replace

import pytest

from integration.domain.agencies import Directory
from integration.domain.neverheld import NeverHeld, Service
from integration.domain.recipients import reach
from integration.domain.recipients.doubts import Doubt
from integration.domain.recipients.reach import By, Reach, farthest, reach_of
from schemas.kinds import RecipientClass
from tests.unit.bookings import PARAMETERS

AUTHORITY, PARTNER, OTHER = RecipientClass.IMMIGRATION_AUTHORITY, RecipientClass.PARTNER_287G, RecipientClass.OTHER
ICE = Directory(
    names=("ICE",),
    domains=("ice.gov",),
    oris=frozenset({"VTLESC000"}),
    numbers=frozenset({"8028726020"}),
    addresses=frozenset({"taskforce@county.example"}),
)
ELM = Directory(
    names=("Elm County",),
    domains=("elm.example",),
    oris=frozenset({"MI2500000"}),
    numbers=frozenset({"5175550111"}),
    addresses=frozenset({"jail@oak.example"}),
)
COURTS = NeverHeld(
    Service.COURT,
    "because",
    domains=("courts.example", "oak.example"),
    oris=frozenset({"MI9900000", "MI2500000"}),
    numbers=frozenset({"5175550100"}),
    addresses=frozenset({"clerk@county.example"}),
)
LISTED = replace(PARAMETERS, immigration_authorities=ICE, partner_agencies_287g=ELM, never_held=(COURTS,))

KNOWN = [
    ({"address": "a@ice.gov"}, AUTHORITY, By.DOMAIN, "by its domain"),
    ({"address": "TaskForce+x@county.example"}, AUTHORITY, By.ALIAS, "by a listed address"),
    ({"address": "ICE Detroit <a@x.example>"}, AUTHORITY, By.NAME, "by the name that stands with it"),
    ({"address": "8028726020@fax.example"}, AUTHORITY, By.NUMBER, "by a number before the sign"),
    ({"address": '"a@ice.gov"@x.example'}, AUTHORITY, By.ROUTE, "by a domain elsewhere in it"),
    ({"address": "x@0.2.0.6.2.7.8.2.0.8.fax.example"}, AUTHORITY, By.ROUTE, "by a number of labels"),
    ({"address": "ice-desk@x.example"}, AUTHORITY, By.LOCAL_PART, "by a name before the sign"),
    ({"address": "vtlesc000@x.example"}, AUTHORITY, By.LOCAL_PART, "by an identifier there"),
    ({"address": "https://ice.gov/in", "mail": False}, AUTHORITY, By.DOMAIN, "by the host of a URL"),
    ({"address": "https://x%2540ice.gov/in", "mail": False}, AUTHORITY, By.DOMAIN, "however often it is encoded"),
    ({"address": "https://ice%252egov/in", "mail": False}, AUTHORITY, By.DOMAIN, "also inside it"),
    ({"address": "https://x.example/?to=a%40ice.gov", "mail": False}, AUTHORITY, By.DOMAIN, "or in its query"),
    ({"address": "https://ic\te.gov/in", "mail": False}, AUTHORITY, By.DOMAIN, "a URL is read without its tabs"),
    ({"address": "a@ice.gov", "mail": False}, AUTHORITY, By.DOMAIN, "by an address on a channel that is no mail"),
    ({"address": "topic.ICE.in", "mail": False}, AUTHORITY, By.NAME, "by a name on it"),
    ({"address": "VT-LESC-000", "mail": False}, AUTHORITY, By.ORI, "by an identifier on it"),
    ({"agency": "ICE"}, AUTHORITY, By.NAME, "by its name"),
    ({"agency": "VTLESC000"}, AUTHORITY, By.ORI, "by an identifier in its place"),
    ({"agency": "fax 802 872 6020"}, AUTHORITY, By.NUMBER, "by a number in its place"),
    ({"ori": "VTLESC000"}, AUTHORITY, By.ORI, "by its identifier"),
    ({"ori": "ICE"}, AUTHORITY, By.NAME, "by a name in its place"),
    ({"number": "802-872-6020"}, AUTHORITY, By.NUMBER, "by its number"),
    ({"address": "a@x.example", "agency": "ICE"}, AUTHORITY, By.NAME, "by the second of two"),
    ({"address": "a@x.example", "agency": "Court", "number": "802 872 6020"}, AUTHORITY, By.NUMBER, "by the third"),
    ({"address": "a@elm.example"}, PARTNER, By.DOMAIN, "a partner by its domain"),
    ({"agency": "Elm County Sheriff"}, PARTNER, By.NAME, "a partner by its name"),
    ({"address": "elm-county@x.example"}, PARTNER, By.LOCAL_PART, "a partner by a name before the sign"),
    ({"address": "a@elm.example", "agency": "ICE"}, AUTHORITY, By.NAME, "an authority before a partner"),
    ({"address": "a@x.example"}, OTHER, By.NOTHING, "nobody lists it"),
    ({"address": "https://x.example/in", "mail": False}, OTHER, By.NOTHING, "nor this"),
    ({"address": "http://[x/in", "mail": False}, OTHER, By.NOTHING, "nor what is no URL"),
    ({"address": "topic-of-a-court", "mail": False}, OTHER, By.NOTHING, "nor what has no host"),
    ({"address": "a@x.example", "number": "204"}, OTHER, By.NOTHING, "an extension beside an address says nothing"),
    ({"number": "555-0199"}, OTHER, By.NOTHING, "seven digits are a number"),
    ({"address": "-", "agency": "Clerk"}, OTHER, By.NOTHING, "an address that says nothing beside a name"),
    ({"agency": "Clerk", "number": "?"}, OTHER, By.NOTHING, "and such a number"),
    ({"address": "x872-6020@y.example"}, OTHER, By.NOTHING, "seven digits and a letter are no telephone"),
    ({"address": "555-0199@y.example"}, OTHER, By.NOTHING, "nor are seven that end no listed number an authority's"),
    ({"address": "//x@y.example", "mail": False}, OTHER, By.NOTHING, "a URL is no mailbox though it has a sign"),
    ({"address": "https://x.example/?a@y.example", "mail": False}, OTHER, By.NOTHING, "nor with one in its query"),
    ({"address": "https:///in", "mail": False}, OTHER, By.NOTHING, "nor is one without a host"),
]


@pytest.mark.parametrize(("said", "party", "by", "because"), KNOWN, ids=[row[3] for row in KNOWN])
def test_a_recipient_is_known_by_what_is_said_of_it(said, party, by, because):
    assert reach_of(LISTED, **said) == Reach(party, by), because


SERVED = [
    ({"address": "x@courts.example"}, "by its address"),
    ({"address": "clerk@county.example"}, "by that address alone, whoever else has its domain"),
    ({"address": "https://api.courts.example:8443/in", "mail": False}, "by its host"),
    ({"address": "api.courts.example/in", "mail": False}, "also without a scheme"),
    ({"address": "MI9900000", "mail": False}, "by an identifier as address"),
    ({"ori": "MI9900000"}, "by its identifier"),
    ({"number": "517 555 0100"}, "by its number"),
    ({"address": "x@courts.example", "ori": "MI9900000", "number": "5175550100"}, "by all of it"),
    ({"address": "elm-county@courts.example"}, "a court in a partner's county is no partner"),
    ({"agency": "Elm County Court", "ori": "MI9900000"}, "whatever it is called"),
]


@pytest.mark.parametrize(("said", "because"), SERVED, ids=[row[1] for row in SERVED])
def test_a_service_is_known_when_all_that_says_where_it_is_is_listed(said, because):
    assert reach_of(LISTED, **said) == Reach(OTHER, By.NEVER_HELD, service=Service.COURT), because
    # The first entry that has all of it says which service it is.
    before = NeverHeld(Service.MEDICAL, "because", domains=("hospital.example",))
    assert reach_of(replace(LISTED, never_held=(before, COURTS)), **said).service is Service.COURT


@pytest.mark.parametrize(
    ("said", "expected", "because"),
    [
        ({"address": "x@courts.example", "ori": "MI1100000"}, By.NOTHING, "its identifier is another's"),
        ({"address": "x@y.example", "ori": "MI9900000"}, By.NOTHING, "its address is"),
        ({"address": "https://y.example", "ori": "MI9900000", "mail": False}, By.NOTHING, "its host is"),
        ({"ori": "MI9900000", "number": "517 555 0199"}, By.NOTHING, "its number is"),
        ({"agency": "MI9900000"}, By.NOTHING, "a name is no place"),
        ({"ori": "MI2500000"}, By.ORI, "a partner is one, whatever else lists it"),
        ({"address": "jail@oak.example"}, By.ALIAS, "also by its address"),
        ({"address": "x@courts.example", "agency": "ICE"}, By.NAME, "an authority is one"),
        ({"address": "x%y@courts.example"}, By.DOUBT, "and so is a doubt"),
    ],
)
def test_no_service_is_known_when(said, expected, because):
    assert reach_of(LISTED, **said).by is expected, because
    assert reach_of(LISTED, **said).service is None


DOUBTS = [
    ({}, Doubt.EMPTY, "nothing is said"),
    ({"address": "", "agency": " ", "ori": "-", "number": "?"}, Doubt.EMPTY, "no letter and no digit"),
    ({"address": "a%b@x.example"}, Doubt.PERCENT_ROUTE, "the address is doubtful"),
    ({"address": "a%b@x.example", "mail": False}, Doubt.PERCENT_ROUTE, "on any channel"),
    ({"address": "clerk"}, Doubt.NO_ADDRESS, "mail has an address"),
    ({"address": "a@1ce.gov"}, Doubt.LOOK_ALIKE, "it looks like a listed one"),
    ({"ori": "MIICE0123"}, Doubt.AGENCY_ORI, "an identifier with an agency's letters"),
    ({"ori": "mi-cbp-012"}, Doubt.AGENCY_ORI, "in whatever writing"),
    ({"number": "872-6020"}, Doubt.LOCAL_NUMBER, "the end of a listed number"),
    ({"address": "a@x.example", "number": "872-6020"}, Doubt.LOCAL_NUMBER, "beside an address, too"),
    ({"address": "872-6020@fax.example"}, Doubt.LOCAL_NUMBER, "fax by mail, dialled from its own area"),
    ({"address": "+()872.60-20@fax.example"}, Doubt.COMMENT, "brackets in an address are a comment"),
    ({"address": "a@ic\te.gov"}, Doubt.UNPRINTABLE, "mail is not read past a tab"),
    ({"number": "204"}, Doubt.SHORT_NUMBER, "an extension alone"),
    ({"number": "204", "agency": " "}, Doubt.SHORT_NUMBER, "with nothing beside it"),
    ({"address": "a%b@elm.example"}, Doubt.PERCENT_ROUTE, "a partner's is doubtful like any other"),
]


@pytest.mark.parametrize(("said", "doubt", "because"), DOUBTS, ids=[row[2] for row in DOUBTS])
def test_a_recipient_counts_as_an_authority_when_it_is_in_doubt(said, doubt, because):
    assert reach_of(LISTED, **said) == Reach(AUTHORITY, By.DOUBT, doubt), because


@pytest.mark.parametrize("letters", ["ICE", "INS", "CBP", "HSI", "CIS", "ERO"])
def test_an_identifier_is_doubtful_when_it_has_the_letters_of_an_agency(letters):
    for tail in ("012", "0123"):
        assert reach_of(LISTED, ori=f"MI{letters}{tail}").doubt is Doubt.AGENCY_ORI
    for other in (f"MI{letters}01", f"MI{letters}01234", f"M{letters}0123", f"XMI{letters}0123", f"1I{letters}0123"):
        assert reach_of(LISTED, ori=other).doubt is None, other
    assert reach_of(LISTED, agency=f"MI{letters}0123").doubt is None, "a name is no identifier"


ICE_INSIDE = "IMCEASMTP-a+40ice+2Egov@county.example"
INSIDE = [
    (ICE_INSIDE, {}, Reach(AUTHORITY, By.DOMAIN), "an authority inside"),
    ("IMCEAFAX-802+2D872+2D6020@county.example", {}, Reach(AUTHORITY, By.NUMBER), "a fax number inside"),
    ("IMCEASMTP-a+40elm+2Eexample@county.example", {}, Reach(PARTNER, By.DOMAIN), "a partner inside"),
    ("IMCEASMTP-a+40x+2Eexample@county.example", {}, Reach(OTHER, By.NOTHING), "somebody else in both"),
    ("IMCEASMTP-a+40x+2Eexample@ice.gov", {}, Reach(AUTHORITY, By.DOMAIN), "an authority outside"),
    ("IMCEASMTP-a+25b+40x+2Eexample@county.example", {}, Reach(AUTHORITY, By.DOUBT, Doubt.PERCENT_ROUTE), "a doubt"),
    ("IMCEAEX-_O=Org@county.example", {}, Reach(OTHER, By.NOTHING), "an internal name is no number"),
    ("IMCEAFAX-872+2D6020@county.example", {}, Reach(AUTHORITY, By.DOUBT, Doubt.LOCAL_NUMBER), "a local number is one"),
    ("IMCEAEX-x@county.example", {"number": "204"}, Reach(OTHER, By.NOTHING), "also beside an extension"),
    ("IMCEASMTP-a+40x+2Eexample@county.example", {"agency": "ICE"}, Reach(AUTHORITY, By.NAME), "a name beside it"),
    ("IMCEASMTP-a+40x+2Eexample@county.example", {"number": "802 872 6020"}, Reach(AUTHORITY, By.NUMBER), "a number"),
    ("IMCEASMTP-a+40x+2Eexample@county.example", {"ori": "VTLESC000"}, Reach(AUTHORITY, By.ORI), "an identifier"),
    ("IMCEASMTP-a+40elm+2Eexample@county.example", {"agency": "ICE"}, Reach(AUTHORITY, By.NAME), "more than a partner"),
    ("IMCEASMTP-a+40elm+2Eexample@county.example", {"ori": "VTLESC000"}, Reach(AUTHORITY, By.ORI), "so is this"),
    ("IMCEASMTP-a+40elm+2Eexample@county.example", {"number": "8028726020"}, Reach(AUTHORITY, By.NUMBER), "and this"),
    ("IMCEASMTP-__a+25b+40x+2Eexample@county.example", {}, Reach(AUTHORITY, By.DOUBT, Doubt.PERCENT_ROUTE), "no URL"),
    ("IMCEASMTP-a@b.example@x.example", {}, Reach(OTHER, By.NOTHING), "the last sign parts them"),
    ("IMCEASMTP-clerk@county.example", {"mail": False}, Reach(OTHER, By.NOTHING), "a name inside, on another channel"),
    ("IMCEAX-" + "a" * 70 + "@county.example", {}, Reach(OTHER, By.NOTHING), "longer than a mailbox may be"),
]  # fmt: skip


@pytest.mark.parametrize(("address", "more", "expected", "because"), INSIDE, ids=[row[3] for row in INSIDE])
def test_an_address_inside_another_is_read_and_then_the_one_around_it(address, more, expected, because):
    assert reach_of(LISTED, address=address, **more) == expected, because


def test_one_pack_does_not_answer_for_another():
    for parameters, party in ((LISTED, AUTHORITY), (replace(LISTED, immigration_authorities=ELM), OTHER)):
        assert reach_of(parameters, agency="ICE").party is party
        assert reach_of(parameters, agency="ICE").party is party


@pytest.mark.parametrize(("length", "kept"), [(1000, 1), (1001, 0)])
def test_only_what_is_as_short_as_an_office_is_kept_in_memory(length, kept):
    # because whoever writes to us must not fill it
    for said in ({"agency": "x" * length}, {"agency": "x" * 500, "ori": "y" * (length - 500)}):
        reach_of(LISTED, **said)
        before = reach._remembered.cache_info().hits
        reach_of(LISTED, **said)
        assert reach._remembered.cache_info().hits - before == kept
    assert reach._remembered.cache_info().maxsize == 4096


def test_the_most_governed_of_several_counts():
    assert farthest([OTHER, PARTNER, OTHER]) is PARTNER
    assert farthest([PARTNER, AUTHORITY, OTHER]) is AUTHORITY
    assert farthest([OTHER, OTHER]) is OTHER
    assert farthest([]) is OTHER
