"""The clauses to name to whoever is refused where the pack was not asked: what stands in the way without authority."""

from integration.policy.contexts import MessageContext
from integration.policy.decisions import Decision
from integration.policy.pack import Pack
from integration.services.gate import GateReason, Request
from schemas.kinds import Category, RecipientClass

_STATUS = Category.CITIZENSHIP_OR_IMMIGRATION_STATUS.value
_BIRTHPLACE = Category.PLACE_OF_BIRTH.value


def cited(request: Request, pack: Pack) -> tuple[str, ...]:
    """Return the provisions of a blocked message.

    Of one that could not be read or be tied to a booking: of what stands in its way (`without_authority`).
    """
    if request.provisions or request.kind != "message_id":
        return request.provisions
    return without_authority(request, pack).provisions


def without_authority(request: Request, pack: Pack) -> Decision:
    """Return what the pack says to a message like it, of more than status, without warrant, order or approval."""
    context = MessageContext(
        recipient=RecipientClass(request.recipient_class),
        purpose_immigration_enforcement=True,
        has_status=_STATUS in request.categories,
        has_place_of_birth=_BIRTHPLACE in request.categories,
        has_other_categories=True,
        judicial_warrant=False,
        court_order=False,
        approval=None,
        approval_unexpired=False,
        approval_by_another=False,
        approval_not_withdrawn=False,
    )
    return pack.engine.decide(context)


def can_be_approved(request: Request) -> bool:
    """Tell whether an approval could let a blocked message pass: not what could not be read, or an address in doubt."""
    return request.decision is not GateReason.UNREADABLE
