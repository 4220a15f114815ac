"""The texts of the naive reading: what a paper is (section 3) and what is never kept (section 5).

Written from EVENTS.md alone, like the rest of this folder; nothing here is shared with the product.
"""

import re
from collections.abc import Iterable
from typing import Any

# ---------------------------------------------------------------- section 3: the table of kinds and the forms

CLASS_OF_KIND = {
    "arrest": "local",
    "charge": "local",
    "sentence": "local",
    "court_order": "local",
    "judicial_warrant": "judicial",
    "agency_hold": "other_agency",
    "immigration_detainer": "immigration",
    "administrative_warrant": "immigration",
    "notification_request": "request",
    "void_warrant": "nothing",  # not of the contract: an invalid judicial warrant of somebody else
}
ADMINISTRATIVE_FORMS = {"i200", "i203", "i203a", "i205", "i286", "i862"}
NOTIFICATION_FORMS = {"i247n", "i247g"}
# Words that show that a title only mentions a judge or a department of justice and is no judicial office.
NO_JUDICIAL_OFFICE = {
    "clerk",
    "attorney",
    "department",
    "agent",
    "director",
    "secretary",
    "prosecutor",
    "sheriff",
}

JOINING = {"and", "of", "the", "for"}  # words of an agency's name that tell nothing

# ---------------------------------------------------------------- section 5: what is never kept

FORBIDDEN_PARTS = (
    "immigrationstatus",
    "citizen",
    "nationality",
    "placeofbirth",
    "birthplace",
    "countryofbirth",
    "birthcountry",
    "aliennumber",
    "alienno",
    "alienid",
    "alienregistration",
    "alienfile",
)
FORBIDDEN_NAMES = {"anumber", "afilenumber", "alien", "pob", "cob"}


def words(text: str | None) -> list[str]:
    return re.findall(r"[^\W_]+", (text or "").casefold())


def plain(text: str | None) -> str:
    """A text without case, punctuation and spaces, for comparing offences and stated bases."""
    return "".join(words(text))


def names_one_of(text: str | None, names: Iterable[str]) -> bool:
    """Whether one of the names stands in the text as whole words, in any reading of letters that stand alone."""
    lines = [f" {' '.join(reading)} " for reading in readings(text)]
    return any(name_words and f" {' '.join(name_words)} " in line for name_words in map(told, names) for line in lines)


def told(name: str | None) -> list[str]:
    """The words of a name. "&" and joining words say nothing: Customs & Border, Customs and Border."""
    return [word for word in words(name) if word not in JOINING]


def readings(text: str | None) -> list[list[str]]:
    """The words of a text: as they stand; "I.C.E." as one; "I. C. E." as one; and so after "U.S." too."""
    dotted = re.sub(r"(?<!\w)(?:\w\.)+\w?(?!\w)", lambda run: run[0].replace(".", "") + " ", text or "")
    spaced = re.sub(r"(?<!\w)\w(?:[\s.-]+\w)+(?!\w)", lambda run: re.sub(r"\W", "", run[0]), text or "")
    return [told(each) for each in (text, dotted, spaced)]


# ---------------------------------------------------------------- section 3: what a paper is


def is_immigration_issuer(issuer: dict[str, Any], params: dict[str, Any]) -> bool:
    if any(names_one_of(issuer.get(k), params["immigration_names"]) for k in ("agency", "court", "official_title")):
        return True
    if (issuer.get("ori") or "").strip().upper() in {o.strip().upper() for o in params["immigration_oris"]}:
        return True
    return any(names_one_of(issuer.get(k), ("immigration", "deportation")) for k in ("court", "official_title"))


def is_judicial(issuer: dict[str, Any], params: dict[str, Any]) -> bool:
    """A court and the title of a judicial office; a judge of an immigration court is an immigration judge."""
    court, title = issuer.get("court"), issuer.get("official_title")
    if not words(court):
        return False
    if is_immigration_issuer({"court": court, "official_title": title}, params):
        return False
    said = set(words(title))
    if said & NO_JUDICIAL_OFFICE:
        return False
    return bool(said & {"judge", "justice", "magistrate"}) or {"court", "commissioner"} <= said


def form_of(text: str | None) -> str:
    """A form's number without case, spaces and hyphens; without "Form" before it and an edition after it."""
    bare = re.sub(r"[\s\-\u2010-\u2015]", "", text or "").casefold()
    return re.sub(r"\([^)]*\)$", "", bare.removeprefix("dhs").removeprefix("ice").removeprefix("form"))


def classify(placed: dict[str, Any], params: dict[str, Any]) -> tuple[str, bool]:
    """(class of the hold, whether the label was corrected)."""
    form = form_of((placed.get("document") or {}).get("form"))
    kind = placed["kind"]
    if form in NOTIFICATION_FORMS:
        kind = "notification_request"
    elif form.startswith("i247"):
        kind = "immigration_detainer"
    elif form in ADMINISTRATIVE_FORMS:
        kind = "administrative_warrant"
    issuer = placed.get("issuer") or {}
    if kind == "judicial_warrant" and not is_judicial(issuer, params):
        kind = "administrative_warrant" if is_immigration_issuer(issuer, params) else "void_warrant"
    return CLASS_OF_KIND[kind], kind != placed["kind"]


# ---------------------------------------------------------------- section 5: is there a forbidden field


def has_forbidden_field(value: Any) -> bool:
    """Section 5, anywhere in the event; the categories of an outgoing message are not fields of a person."""
    if isinstance(value, dict):
        inner = [v for k, v in value.items() if k != "content"]
        return any(is_forbidden_name(k) for k in value) or any(has_forbidden_field(v) for v in inner)
    return isinstance(value, list) and any(has_forbidden_field(v) for v in value)


def is_forbidden_name(name: str) -> bool:
    bare = plain(name)
    return bare in FORBIDDEN_NAMES or any(part in bare for part in FORBIDDEN_PARTS)
