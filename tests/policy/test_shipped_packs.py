"""The two shipped packs against POLICY.md: every row that names them, every parameter, every rule."""

import re

import pytest

from integration.domain.instants import HOUR, MINUTE
from integration.domain.parameters import charge_key
from integration.policy.cases import run
from integration.policy.manifest import Checked
from integration.policy.pack import Pack, load, shipped_packs
from integration.policy.proof import idle_policies
from schemas.kinds import LegalBasis, Rule, Severity
from tests.policy.conftest import LANSING, MASSACHUSETTS, PACKS

# POLICY.md, "Provisions": each row that names the pack. None: no effect on a jail's data.
LANSING_ROWS = {
    "L1": {"intake:strip_status_fields", "rule:status_information_received"},
    "L2": {"rule:booked_without_authority"},
    "L3": {"intake:strip_status_fields", "rule:status_information_received"},
    "L4": {"report:release_parity"},
    "L5": {
        "rule:overdue_detainer_hold",
        "rule:release_approaching",
        "rule:bail_refused_on_detainer",
        "rule:mislabelled_document",
        "intake:classify_papers",
    },
    "L6": {"action:Assist", "parameter:partner_agencies_287g"},
    "L7": {"parameter:accepted_identification", "rule:held_for_identification"},
    "L8": {"action:SendMessage", "parameter:approval_bases"},
    "L9": {"action:SendMessage"},
    "W-I.C": {"intake:strip_status_fields"},
    "W-I.F": None,
    "W-II.B": {"action:Assist"},
    "W-II.C": {"rule:overdue_detainer_hold"},
    "W-II.D": {"action:SendMessage"},
    "W-II.E": {"rule:cite_not_custody"},
    "W-II.F": {"action:Assist"},
    "W-III.A": None,
    "W-III.B": {"register:certifications"},
    "W-IV": None,
    "W-V": {"action:SendMessage"},
    "A": {"action:Assist", "parameter:partner_agencies_287g"},
}
MASSACHUSETTS_ROWS = {
    "M-a": {"report:release_parity"},
    "M-b": {"intake:strip_status_fields", "rule:status_information_received"},
    "M-c": {"rule:booked_without_authority"},
    "M-d": {"rule:overdue_detainer_hold", "rule:release_approaching", "rule:bail_refused_on_detainer"},
    "M-e": {"action:SendMessage", "parameter:approval_bases"},
    "M-f": {"rule:cite_not_custody"},
    "M-g": {"rule:notice_not_served", "register:notices"},
    "M-h": {"action:GrantAccess"},
    "M-i": {"register:certifications"},
    "M-j": {"action:Assist"},
    "M-k": {"action:Assist"},
    "M-l": None,
    "M-3": {"register:complaints"},
    "M-4": {"report:requests", "register:reimbursements"},
    "M-5": {"action:SendMessage"},
}
ROWS = {LANSING: LANSING_ROWS, MASSACHUSETTS: MASSACHUSETTS_ROWS}
ALL_ROWS = [(pack, number, means) for pack, rows in ROWS.items() for number, means in rows.items()]


def test_packs_read_whole_are_two_when_listed():
    assert {pack for pack in shipped_packs() if load(pack).checked is Checked.FULL_TEXT} == {LANSING, MASSACHUSETTS}


@pytest.mark.parametrize(("pack", "number", "means"), ALL_ROWS)
def test_provision_is_carried_out_or_excused_when_the_policy_names_it(pack: str, number: str, means: set[str] | None):
    loaded = load(pack)
    if means is None:
        assert loaded.not_enforceable[number].reason
    else:
        assert means <= set(loaded.provisions[number].enforced_by)


def test_nothing_else_is_listed_but_the_products_own_rules_when_compared_with_the_policy(pack: Pack):
    own = {number for number in pack.provisions if number.startswith("holdwatch-")}
    assert {*pack.provisions, *pack.not_enforceable} - own == set(ROWS[pack.id])


def test_guides_bind_nobody_when_the_order_is_cited():
    guidance = {number for number, provision in load(LANSING).provisions.items() if provision.guidance}
    assert guidance == {number for number in load(LANSING).provisions if number.startswith(("W-", "A"))}


PARAMETERS = {
    LANSING: (0, 6 * HOUR, 60 * MINUTE, None, 12, set(LegalBasis)),
    MASSACHUSETTS: (0, 6 * HOUR, 60 * MINUTE, 24 * HOUR, 6, set(LegalBasis) - {LegalBasis.SERIOUS_CRIME_INVESTIGATION}),
}


def test_parameters_are_those_of_the_policy_when_loaded(pack: Pack):
    read = pack.parameters
    durations = (read.release_processing_detainer, read.release_processing_other, read.warn_before, read.notice_within)
    assert (*durations, pack.report.period, set(pack.approval_bases)) == PARAMETERS[pack.id]
    assert read.require_warrant_verification
    assert not pack.place_of_birth_rides_with_status


RULES = {
    LANSING: {
        Rule.OVERDUE_DETAINER_HOLD: (Severity.VIOLATION, ("L5",)),
        Rule.RELEASE_APPROACHING: (Severity.WARNING, ("L5",)),
        Rule.HELD_FOR_IDENTIFICATION: (Severity.VIOLATION, ("L7",)),
        Rule.CITE_NOT_CUSTODY: (Severity.ADVICE, ()),
        Rule.NOTICE_NOT_SERVED: (Severity.ADVICE, ()),
    },
    MASSACHUSETTS: {
        Rule.OVERDUE_DETAINER_HOLD: (Severity.VIOLATION, ("M-d",)),
        Rule.RELEASE_APPROACHING: (Severity.WARNING, ("M-d",)),
        Rule.NOTICE_NOT_SERVED: (Severity.VIOLATION, ("M-g",)),
        Rule.CITE_NOT_CUSTODY: (Severity.ADVICE, ("M-f",)),
        Rule.HELD_FOR_IDENTIFICATION: (Severity.WARNING, ()),
    },
}


def test_rules_speak_as_the_policy_asks_when_loaded(pack: Pack):
    terms = pack.parameters.terms
    assert set(terms) == set(Rule)
    assert {rule: (terms[rule].severity, terms[rule].provisions) for rule in RULES[pack.id]} == RULES[pack.id]


def test_every_case_is_answered_as_its_authors_expect_when_run(pack: Pack):
    assert [result for result in (run(case, pack.engine) for case in pack.cases) if result.problems] == []


def test_no_policy_is_idle_when_every_context_is_tried(pack: Pack):
    assert idle_policies(pack.engine) == ()


AUTHORITIES = [
    "ICE", "I.C.E.", "ICE/ERO", "U.S. Immigration and Customs Enforcement", "IMMIGRATION CUSTOMS ENFORCEMENT",
    "Immigration and Customs Enforc", "Immigration & Customs Enforcem", "Immigration & Naturalization", "INS",
    "DHS - ICE Detroit Field Office", "US Border Patrol", "United States Border Patrol", "CBP",
    "Customs and Border Protection", "U.S. Customs & Border Protecti", "USCIS", "US Citizenship and Immigration Serv",
    "HSI", "Homeland Security Investigations", "Enforcement and Removal Operations", "LESC",
    "Law Enforcement Support Center", "DHS", "Department of Homeland Security", "EOIR", "Detroit Immigration Court",
    "Office of the Principal Legal Advisor", "HOLD IMMIGRAT", "Immigration and Custom Enforcement", "US Boarder Patrol",
    "Law Enforcement Support Centre", "Criminal Alien Program", "Pacific Enforcement Response Center",
]  # fmt: skip
OTHERS = [
    "DIVISION OF CRIMINAL JUSTICE", "Tucson Police Department", "National Park Service", "US Postal Service",
    "FORT COLLINS PD", "WIGGINS PD", "UNITED STATES MARSHALL", "COURTESY HOLD", "Federal Agencies,USM Billing",
    "SECRET SERVICE", "Office of the Attorney General", "Michigan Immigrant Rights Center", "Ingham County Sheriff",
    "Catholic Charities Immigration Legal Services", "State Police Homeland Security Division", "Customs Brokers Inc",
    "Michigan Department of Health and Human Services", "Roche Surety INS Co", "Lansing Police Department", "",
]  # fmt: skip


@pytest.mark.parametrize("name", AUTHORITIES)
def test_name_is_an_immigration_authority_when_a_table_or_a_letter_writes_it_so(name: str, pack: Pack):
    assert pack.parameters.immigration_authorities.has_name(name)


@pytest.mark.parametrize("name", OTHERS)
def test_name_is_no_immigration_authority_when_it_only_looks_like_one(name: str, pack: Pack):
    assert not pack.parameters.immigration_authorities.has_name(name)


def test_support_center_is_known_when_reached_by_identifier_or_number(pack: Pack):
    directory = pack.parameters.immigration_authorities
    assert directory.has_ori("vtice0900")
    assert "8028726020" in directory.numbers
    assert {"ice.dhs.gov", "ice.gov", "cbp.dhs.gov", "uscis.dhs.gov", "dhs.gov"} <= set(directory.domains)


@pytest.mark.parametrize("county", ["Berrien", "Calhoun", "Crawford", "Genesee", "Jackson", "Roscommon"])
def test_county_is_a_partner_when_michigan_listed_it_in_2025(county: str):
    partners = load(LANSING).parameters.partner_agencies_287g
    assert partners.has_name(f"{county} County Sheriff's Office")
    assert partners.has_name("City of Taylor Police Department")
    assert not partners.has_name("Washtenaw County Sheriff")


@pytest.mark.parametrize("offence", ["M.G.L. c. 90 s. 10", "UNLICENSED OPERATION OF MV c90 §10", "90/10"])
def test_offence_calls_for_a_summons_when_it_is_driving_without_a_licence(offence: str):
    assert charge_key(offence) in load(MASSACHUSETTS).parameters.citation_offences


@pytest.mark.parametrize("document", ["Driver's License", "foreign passport", "Consular ID Card", "State ID"])
def test_document_establishes_identity_when_the_order_lists_it(document: str):
    assert charge_key(document) in load(LANSING).accepted_identification


def test_clauses_keep_the_order_of_the_text_when_read(pack: Pack):
    text = (PACKS / pack.id / "policy.cedar").read_text(encoding="ascii")
    assert [clause.id for clause in pack.engine.clauses] == re.findall(r'^@id\("(.*)"\)$', text, re.MULTILINE)


SOURCES = PACKS.parents[3] / "shared" / "sources"


@pytest.mark.shared
@pytest.mark.skipif(not SOURCES.is_dir(), reason="the law's texts are not beside the project")
def test_summaries_are_our_own_words_when_compared_with_the_law(pack: Pack):
    def runs(text: str) -> set[tuple[str, ...]]:
        cut = re.findall(r"\w+", text.casefold())
        return {tuple(cut[at : at + 7]) for at in range(len(cut) - 6)}

    law = set().union(*(runs(path.read_text(encoding="utf-8")) for path in SOURCES.glob("*.txt")))
    rows = [*pack.provisions.values(), *pack.not_enforceable.values()]
    assert [row.summary for row in rows if runs(row.summary) & law] == []
