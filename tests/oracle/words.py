"""What stands in the events of random histories, and the parameters that they are judged by."""

from typing import Any

from tests.oracle.maker import Event

PARAMS: dict[str, Any] = {
    "release_processing_detainer": 0,
    "release_processing_other": 6 * 3600,
    "warn_before": 3600,
    "notice_within": 24 * 3600,
    "require_warrant_verification": True,
    "immigration_names": [
        "ICE",
        "CBP",
        "USCIS",
        "HSI",
        "LESC",
        "Immigration and Customs Enforcement",
        "Border Patrol",
        "Executive Office for Immigration Review",
    ],
    "immigration_oris": ["VTICE0900"],
    "citation_offences": ["MCL 257.904", "Driving without a licence"],
    "identification_bases": ["establishing identity", "no identification"],
}

IMMIGRATION_AGENCIES = (
    "ICE",
    "ICE/ERO Detroit",
    "U.S. Immigration and Customs Enforcement",
    "us border patrol",
)
OTHER_AGENCIES = (
    "Ingham County Sheriff",
    "Justice Department",
    "Fort Collins Police Service",
    "US Marshals Office",
)

# (weight, issuer of a judicial_warrant): right ones, those of an immigration authority, other wrong ones.
WARRANT_ISSUERS: tuple[tuple[int, Event], ...] = (
    (8, {"court": "54-A District Court", "official_title": "District Judge"}),
    (3, {"court": "U.S. District Court", "official_title": "United States Magistrate Judge"}),
    (2, {"court": "30th Circuit Court", "official_title": "Court Commissioner", "agency": "Lansing Police"}),
    (1, {"court": "Supreme Court", "official_title": "Chief JUSTICE"}),
    (1, {"court": "U.S. District Court", "official_title": "Magistrate Judge", "agency": "ICE"}),
    (2, {"court": "Detroit Immigration Court", "official_title": "Judge"}),
    (2, {"court": "U.S. District Court", "official_title": "Immigration Judge"}),
    (2, {"agency": "ICE", "official_title": "Supervisory Detention and Deportation Officer"}),
    (1, {"agency": "DHS", "ori": "VTICE0900", "official_title": "Judge"}),
    (1, {"agency": "HSI", "court": "54-A District Court"}),
    (1, {"court": "54-A District Court", "official_title": "Clerk"}),
    (1, {"court": "", "official_title": "District Judge"}),
    (1, {"agency": "Fort Collins Police Service", "official_title": "Police Officer"}),
    (1, {}),
)
FORMS: dict[str, tuple[str, ...]] = {
    "immigration_detainer": ("I-247A", "i 247 a", "I247", "I-247D", "I-247X"),
    "administrative_warrant": ("I-200", "I-203", "i-203a", "I205", "I-286", "I-862"),
    "notification_request": ("I-247N", "i-247g"),
    "judicial_warrant": ("AO 442", "MC 200"),
}
CHARGES: tuple[Event, ...] = (
    {"code": "mcl 257.904"},
    {"code": "MCL 750.82", "description": "Driving without a licence."},
    {"description": "driving without a licence"},
    {"code": "MCL 750.82", "description": "Felonious assault"},
)
BASES: tuple[list[str], ...] = (
    ["Establishing identity."],
    ["establishing identity", "No identification"],
    ["establishing identity", "probable cause"],
    ["warrant"],
    [],
)
FORBIDDEN: tuple[Event, ...] = (
    {"immigration_status": "unknown"},
    {"citizenship": "MX"},
    {"place_of_birth": "somewhere"},
    {"person": {"person_id": "P1", "nationality": "XX"}},
    {"person": {"alien_number": "A000000000"}},
    {"person": {"country_of_birth": "XX"}},
)
REASONS = ("charges_dropped", "acquitted", "sentence_served", "own_recognizance", "court_order", "other")
LOCAL = ("arrest", "charge", "sentence", "court_order")
PAPERS = ("immigration_detainer", "administrative_warrant")
"""Kinds that hold nobody."""
JUDGES: tuple[Event, ...] = (
    {"court": "54-A District Court", "official_title": "District Judge"},
    {"court": "U.S. District Court", "official_title": "Magistrate Judge"},
)

# How people write agencies: those that are an immigration authority, then those that only look like one.
SPELLINGS: tuple[str, ...] = (
    "I.C.E.",
    "I. C. E.",
    "U.S. I.C.E.",
    "I.C.E. E.R.O.",
    "D.H.S. / I.C.E.",
    "ICE_ERO",
    "dhs-ice",
    "U. S. Border Patrol",
    "BORDER  PATROL, DETROIT",
    "Immigration & Customs Enforcement",
    "IMMIGRATION CUSTOMS ENFORCEMENT",
    "Executive Office of Immigration Review",
    "U.S. Immigration and Customs Enforcement (ICE)",
    "vticE0900",
)
LOOKALIKES: tuple[str, ...] = (
    "JUSTICE",
    "Vice Squad",
    "COURTESY HOLD",
    "Wiggins Police Services",
    "UNITED STATES MARSHALL",
    "Federal Agencies,USM Billing",
    "Border Collie Patrol",
    "Customs House Museum",
    "I.C.U. Mercy General",
    "U.S. M.S.",
    "Unbekannt",
    "?",
)
STRANGE_FORMS: tuple[str, ...] = (
    "Form I-247A",
    "FORM I-200",
    "I-247A (03/17)",
    "i - 247 - n",
    "I\u2011247\u2011G",
    "I-205 ",
    "I-9",
    "AO 442",
    "none",
    "",
)
STRANGE_TITLES: tuple[str, ...] = (
    "Judge",
    "JUDGE.",
    "Immigration Judge",
    "Clerk of the District Judge",
    "Commissioner",
    "Commissioner, 30th Circuit Court",
    "Deportation Officer",
    "",
)
