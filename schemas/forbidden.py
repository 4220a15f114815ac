"""What is never kept: immigration status and everything that stands for it (section 5; L1, L3, M-b, W-I.C).

Stripped from input before anything is stored or logged. Only the field's name survives, for the finding
``status_information_received``; never the value.
"""

import unicodedata
from typing import Any, Final

STATUS_NAMES: Final = frozenset(
    """
    immigrationstatus immigrationstatuscode immstatus alienstatus residencystatus legalstatus lawfulstatus visastatus
    visatype visaclass visanumber visaexpiration documentedstatus undocumented isundocumented illegalalien deportable
    removable citizenship citizenships citizenshipstatus citizenshipcountry countryofcitizenship citizencountry citizen
    iscitizen uscitizen isuscitizen uscitizenindicator personuscitizenindicator personcitizenship
    personcitizenshipiso3166alpha2code citizenshipcode citizenshiporimmigrationstatus nationality nationalities
    personnationality nationalitycode nationalorigin countryofnationality countryoforigin foreignborn
    foreignbornindicator isforeignborn foreignnational noncitizen isalien aliennumber alienno aliennum alienid
    alienregistrationnumber alienregistrationno alienidentification personalienidentification anumber ano anum arn
    afile afilenumber alienfilenumber uscisnumber uscisaccountnumber dhsnumber i94number i94admissionnumber
    alien greencard greencardnumber permanentresidentcard permanentresidentnumber lprstatus finsnumber
    alienregnum alienregistrationnum personaliennumber uscisno citizenstatus citizenshipcountrycode
    personnationalitycode immigration immigrationnumber visa lpr permanentresident residentstatus residency
    legalresident estatusmigratorio nacionalidad ciudadania immigrationdocumentnumber
    naturalized naturalizationnumber naturalizationstatus daca dacastatus
    """.split()
)
"""Field names, folded by `fold`, that speak of citizenship or immigration status."""

BIRTHPLACE_NAMES: Final = frozenset(
    """
    placeofbirth pob birthplace birthplacecode personbirthlocation birthlocation birthcity cityofbirth birthstate
    stateofbirth birthcountry countryofbirth birthcountrycode countryofbirthcode cob borncountry bornin birthregion
    provinceofbirth birthprovince birthnation birthplacecity placebirth birthcountryname
    nationofbirth personbirthplacecode lugardenacimiento paisdenacimiento personbirthplace
    personbirthcountry
    """.split()
)
"""Field names, folded by `fold`, that speak of the place or country of birth."""

FORBIDDEN_NAMES: Final = STATUS_NAMES | BIRTHPLACE_NAMES

_STATUS_CATEGORY: Final = "citizenship_or_immigration_status"
_BIRTHPLACE_CATEGORY: Final = "place_of_birth"


def fold(name: str) -> str:
    """Write a field name comparably: ``Place-Of_Birth`` and ``placeOfBirth`` are one name, accents and widths aside."""
    plain = unicodedata.normalize("NFKD", name).casefold()
    return "".join(character for character in plain if character.isascii() and character.isalnum())


def strip(event: dict[str, Any]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return the event without forbidden fields, and the folded names of those that stood in it, sorted.

    The categories of a message's ``content`` name what the sender wants to give away: there a forbidden name is
    not dropped but turned into its category, with its value, so that the gate judges it (section 6). Nothing of it
    is kept after that.
    """
    found: set[str] = set()
    data = event.get("data")
    if not isinstance(data, dict) or not isinstance(data.get("content"), dict):
        return _without(event, found), tuple(sorted(found))
    bare = _without({**event, "data": {**data, "content": None}}, found)
    if isinstance(bare.get("data"), dict):
        gathered: dict[str, Any] = {}
        for name, value in data["content"].items():
            category = _category(name)
            gathered[category] = [gathered[category], value] if category in gathered else value
        bare["data"]["content"] = gathered
    return bare, tuple(sorted(found))


def _category(name: str) -> str:
    folded = fold(name)
    if folded in BIRTHPLACE_NAMES:
        return _BIRTHPLACE_CATEGORY
    return _STATUS_CATEGORY if folded in STATUS_NAMES else name


def _without(node: Any, found: set[str]) -> Any:
    if isinstance(node, list):
        return [_without(item, found) for item in node]
    if not isinstance(node, dict):
        return node
    kept = {}
    for name, value in node.items():
        if (folded := fold(name)) in FORBIDDEN_NAMES:
            found.add(folded)
        else:
            kept[name] = _without(value, found)
    return kept
