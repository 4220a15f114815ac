"""What the gate decided: messages by recipient, category and outcome; approvals by legal basis and approver."""

from typing import Final

from integration.reports.counting.period import Period
from integration.reports.counting.standing import ALWAYS, Standing
from integration.reports.counting.tables import Counts, Key, counted
from schemas.kinds import AssistanceKind, Category, LegalBasis, RecipientClass, Verdict

GRANTED: Final = "jail.approval.granted.v1"
WITHDRAWN: Final = "jail.approval.withdrawn.v1"
ACT_GRANTED: Final = "approval.granted"
ACT_WITHDRAWN: Final = "approval.withdrawn"
ASSISTANCE: Final = "jail.assistance.requested.v1"
TYPES: Final = ALWAYS | {GRANTED, WITHDRAWN}
DECISIONS: Final = frozenset({"message", "access", "assistance"})
OUTCOMES: Final = tuple((each.value, each.value.capitalize()) for each in Verdict)
UNDECIDED: Final = ("undecided", "No decision in the log")
_CLASSES: Final = {
    RecipientClass.IMMIGRATION_AUTHORITY: "Immigration authority",
    RecipientClass.PARTNER_287G: "287(g) partner",
    RecipientClass.OTHER: "Other",
}


def words(value: str) -> str:
    """Write a code of the log in words."""
    return value.replace("_", " ").capitalize()


def decided(standing: Standing, period: Period, request: str, caption: str) -> Counts:
    """Count requests of a kind by who is at the other end and by their last decision.

    A request counts in the period of its first decision.
    """
    found: list[Key] = [
        (last.recipient_class, last.outcome) for _, first, last in standing.decisions(request) if period.has(first.at)
    ]
    rows = [(each.value, label) for each, label in _CLASSES.items()]
    return counted((request, caption, "Recipient"), rows, OUTCOMES, found)


def categories(standing: Standing, period: Period) -> list[Counts]:
    """Count mentions of categories, one table for each class of recipients: a message with two counts twice."""
    tables = []
    for each, label in _CLASSES.items():
        found: list[Key] = []
        for _, first, last in standing.decisions("message"):
            if period.has(first.at) and last.recipient_class == each.value:
                found += [(category, last.outcome) for category in last.categories or ("none",)]
        rows = [*((category.value, words(category)) for category in Category), ("none", "No category found")]
        note = "A message with several categories is counted under each."
        caption = f"Categories in messages to: {label}"
        tables.append(counted((f"categories_{each.value}", caption, "Category"), rows, OUTCOMES, found, note=note))
    return tables


def approvals(standing: Standing, period: Period, *, by_approver: bool) -> Counts:
    """Count approvals by legal basis, and by the staff member who gave them."""
    given = [
        (event.data["legal_basis"], event.data["approved_by"])
        for _, event in standing.events(GRANTED)
        if period.has(event.time)
    ]
    # Approvals come from the jail's system as events, or are given at the gate itself.
    given += [
        (act.detail["legal_basis"], act.actor)
        for act in standing.acts(ACT_GRANTED)
        if act.outcome == "granted" and period.has(act.at)
    ]
    found: list[Key] = [(basis, approver if by_approver else "approvals") for basis, approver in given]
    approvers = sorted({column for _, column in found}) if by_approver else ["approvals"]
    columns = [(each, each if by_approver else "Approvals") for each in approvers]
    rows = [(each.value, words(each)) for each in LegalBasis]
    taken = sum(period.has(event.time) for _, event in standing.events(WITHDRAWN))
    # One entry takes back every approval of a message.
    taken += sum(
        len(act.detail.get("approval_ids", ("",))) for act in standing.acts(ACT_WITHDRAWN) if period.has(act.at)
    )
    note = f"Withdrawn in the period: {taken}." if by_approver else ""
    return counted(("approvals", "Approvals, by legal basis", "Legal basis"), rows, columns, found, note=note)


def assistance(standing: Standing, period: Period) -> Counts:
    """Count what immigration authorities asked staff to do, and how it was answered (5 ILCS 805/25 (1)).

    Where an entry does not tell the kind of agency, the decision's recipient class does.
    """
    last = {key: told for key, _, told in standing.decisions("assistance")}
    found: list[Key] = []
    for _, event in standing.events(ASSISTANCE):
        answer = last.get((event.source, "assistance", event.data["assistance_id"]))
        agency = event.data.get("agency_class") or (answer.recipient_class if answer else "immigration_authority")
        if period.has(event.time) and agency == RecipientClass.IMMIGRATION_AUTHORITY.value:
            found.append((event.data["kind"], answer.outcome if answer else UNDECIDED[0]))
    rows = [(each.value, words(each)) for each in AssistanceKind]
    caption = "Requests of immigration authorities for participation, support or assistance, and the answer"
    return counted(("assistance", caption, "Asked for"), rows, (*OUTCOMES, UNDECIDED), found)
