"""Scenes of agencies, forms and titles as people write them, known and unknown."""

from tests.oracle.maker import Maker
from tests.oracle.words import JUDGES, LOOKALIKES, SPELLINGS, STRANGE_FORMS, STRANGE_TITLES


def _agency(make: Maker) -> str:
    return make.dice.choice(SPELLINGS if make.chance(0.5) else LOOKALIKES)


def handed_to_somebody(make: Maker, subject: str) -> None:
    make.add("custody.transferred", subject, to_agency=_agency(make), temporary=make.chance(0.2))


def warrant_of_somebody(make: Maker, subject: str) -> None:
    """A judicial warrant, so labelled, of a strange agency, court or title."""
    issuer = dict(make.dice.choice(JUDGES)) if make.chance(0.6) else {}
    part = make.dice.choice(("agency", "agency", "court", "official_title"))
    issuer[part] = make.dice.choice(STRANGE_TITLES) if part == "official_title" else _agency(make)
    hold_id = f"H{make.dice.randrange(1, 6)}"
    make.add("hold.placed", subject, hold_id=hold_id, kind="judicial_warrant", issuer=issuer)
    make.add("warrant.verified", subject, hold_id=hold_id, verified_by="records")


def form_of_some_sort(make: Maker, subject: str) -> None:
    kind = make.dice.choice(("charge", "agency_hold", "court_order", "judicial_warrant", "immigration_detainer"))
    document = {"form": make.dice.choice(STRANGE_FORMS)}
    make.add("hold.placed", subject, hold_id=f"H{make.dice.randrange(1, 6)}", kind=kind, document=document)
