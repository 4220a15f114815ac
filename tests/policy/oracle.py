"""EVENTS.md sections 4.4 and 6 and POLICY.md once more, in plain Python, for the engine to be compared with.

Written from the contract and on purpose not from the packs' policies.
"""

from integration.policy.contexts import AccessContext, AssistContext, Context, CustodyContext, MessageContext
from integration.policy.pack import Pack


def permits(context: Context, pack: Pack) -> bool:
    if isinstance(context, CustodyContext):
        return any((context.local, context.judicial_warrant, context.other_criminal))
    if isinstance(context, MessageContext):
        return sends(context, pack)
    if isinstance(context, AccessContext):
        return context.judicial_warrant or context.court_order
    return helps(context)


def sends(context: MessageContext, pack: Pack) -> bool:
    match str(context.recipient), context.purpose_immigration_enforcement:
        case ("other", _) | ("partner_287g", False):
            return True
    categories = set()
    if context.has_status:
        categories.add("status")
    if context.has_place_of_birth:
        categories.add("place_of_birth")
    if context.has_other_categories:
        categories.add("something else")
    if categories == {"status"}:
        return True
    if categories == {"status", "place_of_birth"} and pack.place_of_birth_rides_with_status:
        return True
    if context.judicial_warrant or context.court_order:
        return True
    if context.approval is None or context.approval not in pack.approval_bases:
        return False
    return context.approval_unexpired and context.approval_by_another and context.approval_not_withdrawn


def helps(context: AssistContext) -> bool:
    match str(context.kind):
        case "traffic_or_perimeter_support":
            return True
        case "translation" | "other":
            return str(context.requester) != "immigration_authority"
        case "joint_operation":
            return str(context.requester) == "other"
        case _:
            return False
