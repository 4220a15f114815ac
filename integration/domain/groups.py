"""Which facts count, and for which booking: retractions and moved bookings (sections 2 and 4.1).

Both are questions about a set of events, so the answer is the same in whatever order they arrived. Bookings that
any ``booking.moved`` ever tied together are looked at as one group of facts.
"""

from collections.abc import Iterable, Mapping, Sequence

from integration.domain.facts import Fact, Moved, Retracted

FactsBySubject = Mapping[str, Sequence[Fact]]
"""The facts of a group of bookings that moves tie together, under the numbers they were sent for."""


def retracted_ids(facts: Iterable[Fact]) -> set[str]:
    """Return the ids of the events that never counted.

    A retraction can itself be retracted; then it never counted. Retractions that retract each other in a circle
    contradict themselves and do not count.
    """
    retractions = [fact for fact in facts if type(fact) is Retracted]
    against: dict[str, list[str]] = {}
    for retraction in retractions:
        against.setdefault(retraction.retracts, []).append(retraction.id)
    counts: dict[str, bool] = {}
    undecided = {retraction.id for retraction in retractions}
    while undecided:
        decided = set()
        for event_id in undecided:
            verdicts = [counts.get(by) for by in against.get(event_id, ())]
            if True in verdicts:
                counts[event_id] = False
                decided.add(event_id)
            elif None not in verdicts:
                counts[event_id] = True
                decided.add(event_id)
        if not decided:
            break
        undecided -= decided
    return {retraction.retracts for retraction in retractions if counts.get(retraction.id)}


def standing_bookings(group: FactsBySubject) -> dict[str, list[Fact]]:
    """Return the facts that count, under the booking number they count for.

    Args:
        group: every fact of bookings that moves tie together, and the retractions of any of them.
    """
    everything = [fact for facts in group.values() for fact in facts]
    retracted = retracted_ids(everything)
    standing = {subject: [fact for fact in facts if fact.id not in retracted] for subject, facts in group.items()}
    if len(group) == 1:
        return standing
    onward, _ = destinations(standing)
    bookings: dict[str, list[Fact]] = {subject: [] for subject in group if subject not in onward}
    for subject, facts in standing.items():
        bookings[terminal(onward, subject)] += facts
    return bookings


def destinations(standing: FactsBySubject) -> tuple[dict[str, str], list[Moved]]:
    """Return where each booking moved to, and the moves that count for nothing because they close a circle.

    Of several moves of one booking the latest (then the greatest id) counts. In a circle the latest move is the
    one that cannot be true: the others were there before it.
    """
    dropped: list[Moved] = []
    while True:
        latest: dict[str, Moved] = {}
        for subject, facts in standing.items():
            moves = [fact for fact in facts if type(fact) is Moved and fact not in dropped]
            if moves:
                latest[subject] = max(moves, key=lambda move: (move.time, move.id))
        circle = _circle({subject: move.into for subject, move in latest.items()})
        if not circle:
            return {subject: move.into for subject, move in latest.items()}, dropped
        dropped.append(max((latest[subject] for subject in circle), key=lambda move: (move.time, move.id)))


def terminal(onward: Mapping[str, str], subject: str) -> str:
    """Follow the chain of moves to its end."""
    while subject in onward:
        subject = onward[subject]
    return subject


def _circle(onward: Mapping[str, str]) -> list[str]:
    for start in sorted(onward):
        path = [start]
        while (subject := onward.get(path[-1])) is not None:
            if subject in path:
                return path[path.index(subject) :]
            path.append(subject)
    return []
