"""Since when a booking's person is entitled to release, and why (docs/events.md section 4, rule 3)."""

from typing import Final, NamedTuple

from integration.reports.counting.standing import ALWAYS, Standing

DUE: Final = "jail.release.due.v1"
BAIL: Final = "jail.bail.posted.v1"
RESCINDED: Final = "jail.release.rescinded.v1"
TYPES: Final = ALWAYS | {DUE, BAIL, RESCINDED}
BAIL_POSTED: Final = "bail_posted"


class Entitlement(NamedTuple):
    """The entitlement that stands."""

    told: str
    """When it was told."""
    event_id: str
    due_at: str
    """From when on it is."""
    reason: str


def entitlements(standing: Standing) -> dict[tuple[str, str], Entitlement]:
    """Return the entitlement of each booking: the latest that no later-or-equal rescission cancels."""
    rescinded: dict[tuple[str, str], str] = {}
    for home, event in standing.events(RESCINDED):
        key = event.source, home
        rescinded[key] = max(rescinded.get(key, event.time), event.time)
    found: dict[tuple[str, str], Entitlement] = {}
    for kind in (DUE, BAIL):
        for home, event in standing.events(kind):
            key, time, data = (event.source, home), event.time, event.data
            if time <= rescinded.get(key, "") or (kind == BAIL and not data.get("covers_all")):
                continue
            due_at, reason = (data["due_at"], data["reason"]) if kind == DUE else (time, BAIL_POSTED)
            told = Entitlement(time, event.event_id, due_at, str(reason))
            earlier = found.get(key)
            if earlier is None or told > earlier:
                found[key] = told
    return found
