"""The gate report: what was decided about messages, access and assistance; approvals."""

from collections.abc import Iterator
from typing import Final

from integration.reports.asked import Asked
from integration.reports.counting import messages
from integration.reports.counting.register import Wanted
from integration.reports.counting.standing import Standing
from integration.reports.document import Section, table_of

WANTED: Final = Wanted(
    types=messages.TYPES,
    decisions=messages.DECISIONS,
    acts=frozenset({messages.ACT_GRANTED, messages.ACT_WITHDRAWN}),
)


def sections(standing: Standing, asked: Asked) -> Iterator[Section]:
    """Yield messages by recipient and by category, other requests, and approvals."""
    period, below = asked.period, asked.below
    text = (
        "Each request counts once, in the period in which it was first decided, by its last decision.",
        "One that the jail's system took back afterwards counts, too: it was decided.",
        "A message that is permitted was let go; whether anybody received it, the log does not know.",
    )
    decided = messages.decided(standing, period, "message", "Outgoing messages, by recipient and outcome")
    yield Section("messages", "Messages", text, (table_of(decided, suppress_below=below),))
    # Counts of mentions do not add up to messages, and one message may have several: they are not for a public copy
    # that leaves counts out.
    tables = [] if below else [table_of(each) for each in messages.categories(standing, period)]
    said = ("Left out of the public copy, where small counts are.",) if below else ()
    yield Section("categories", "What messages give away", said, tuple(tables))
    others = [
        messages.decided(standing, period, "access", "Access to people in custody, by who asked and outcome"),
        messages.decided(standing, period, "assistance", "Assistance asked of staff, by who asked and outcome"),
    ]
    yield Section("others", "Access and assistance", (), tuple(table_of(each, suppress_below=below) for each in others))
    approvals = messages.approvals(standing, period, by_approver=not asked.public)
    yield Section("approvals", "Approvals", (), (table_of(approvals, suppress_below=below),))
