"""Immigration papers: what comes, hours after booking, under which label, and whether the person gets a copy."""

from typing import Any, Final

from integration.simulator import texts
from integration.simulator.booking import Booking
from integration.simulator.dice import DAY, HOUR, MINUTE, lognormal, weighted

_COMES_AFTER: Final = lognormal(9 * HOUR, 1.1, most=30 * DAY)
_DETAINERS: Final = weighted(
    (80, "I-247A"), (4, "I 247A"), (4, "i-247a"), (3, "I247A"), (4, "I-247D"), (3, "I-247"), (2, "I-247X")
)
_COMPANIONS: Final = weighted((58, "I-200"), (26, "I-205"), (5, "I-203"), (2, "I-203A"), (4, "I-286"), (5, "I-862"))
_REQUESTS: Final = weighted((9, "I-247N"), (1, "I-247G"))
_WITH_COMPANION, _WITH_REQUEST, _WITH_JUDGE = 0.68, 0.12, 0.05
_EXPIRES, _LIFTED, _NUMBERED = 0.1, 0.06, 0.7
_WRONG_LABELS: Final = {
    "immigration_detainer": ("agency_hold", "court_order", "judicial_warrant", "notification_request"),
    "administrative_warrant": ("judicial_warrant", "judicial_warrant", "judicial_warrant", "agency_hold"),
    "notification_request": ("immigration_detainer",),
}
_OFFICERS: Final = ("Deportation Officer", "Supervisory Detention and Deportation Officer", "Immigration Officer")
_JUDGES: Final[tuple[dict[str, Any], ...]] = (
    {"court": "U.S. District Court", "official_title": "United States Magistrate Judge", "official_name": "M. Quorn"},
    {"court": "U.S. District Court", "official_title": "District Judge", "official_name": "A. Testerly"},
)


def lodge_papers(it: Booking) -> None:
    """Lodge the papers of one person: nearly always a detainer, with an agency's own warrant beside it."""
    dice = it.dice
    at = min(it.opened + dice.of(_COMES_AFTER), it.opened + (it.due - it.opened) * 9 // 10)
    if dice.chance(_WITH_REQUEST):
        _lodge(it, at, "notification_request", dice.pick(_REQUESTS))
        return
    if not it.local_holds:
        at = it.opened
    it.detainer = _lodge(it, at, "immigration_detainer", dice.pick(_DETAINERS))
    if dice.chance(_WITH_JUDGE):
        _lodge_judicial_warrant(it, at)
    elif dice.chance(_WITH_COMPANION):
        _lodge(it, at + dice.between(0, 20) * MINUTE, "administrative_warrant", dice.pick(_COMPANIONS))


def _lodge(it: Booking, at: int, kind: str, form: str) -> str:
    dice = it.dice
    issuer = {"agency": dice.pick(texts.IMMIGRATION), "official_title": dice.pick(_OFFICERS)}
    data: dict[str, Any] = {"issuer": issuer, "reasons": [dice.pick(texts.LODGED_REASONS)], "document": {"form": form}}
    if dice.chance(_NUMBERED):
        data["document"] = {"form": form, "number": f"D{dice.between(10_000, 99_999)}", "sha256": _digest(it)}
    if dice.chance(_EXPIRES):
        data["expires_at"] = it.write(max(at, it.due) + 2 * DAY)
    label = dice.pick(_WRONG_LABELS[kind]) if dice.chance(it.params.mislabelled) else kind
    hold_id = it.place(at, label, **data)
    if dice.chance(it.params.notices):
        served = at + dice.between(20 * MINUTE, 32 * HOUR)
        language, officer = dice.pick(texts.LANGUAGES), dice.pick(texts.OFFICERS)
        it.put("notice.served", served, {"hold_id": hold_id, "language": language, "served_by": officer})
    if dice.chance(_LIFTED):
        lifted = dice.between(at, max(at, it.due) + DAY)
        it.put("hold.lifted", lifted, {"hold_id": hold_id, "reason": it.say(texts.LIFT_REASONS)})
    return hold_id


def _lodge_judicial_warrant(it: Booking, at: int) -> None:
    dice = it.dice
    it.warrant = it.place(at + dice.between(0, DAY), "judicial_warrant", issuer=dice.pick(_JUDGES))
    if dice.chance(it.params.verified):
        data = {"hold_id": it.warrant, "verified_by": dice.pick(texts.OFFICERS), "document_sha256": _digest(it)}
        it.put("warrant.verified", at + DAY + dice.between(0, 12 * HOUR), data)


def _digest(it: Booking) -> str:
    return f"{int(it.dice.random() * 2**52):064x}"
