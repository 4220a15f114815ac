"""Events about bail, entitlement to release, release and transfer."""

from typing import Literal

from schemas.base import Amount, Identifier, InstantText, Strict, Text
from schemas.envelope import Envelope
from schemas.kinds import DueReason, ReleasedTo


class BailSetData(Strict):
    """The amount, in the facility's currency."""

    amount: Amount | None = None


class BailSet(Envelope):
    """A court set bail."""

    type: Literal["jail.bail.set.v1"]
    data: BailSetData


class BailPostedData(Strict):
    """``covers_all``: nothing else of the local case keeps the person; it then counts as a release.due."""

    amount: Amount | None = None
    covers_all: bool | None = None


class BailPosted(Envelope):
    """Bail was paid."""

    type: Literal["jail.bail.posted.v1"]
    data: BailPostedData


class BailRefusedData(Strict):
    """Who turned bail down, and why."""

    refused_by: Text | None = None
    reason: Text | None = None


class BailRefused(Envelope):
    """Somebody offered bail and was refused."""

    type: Literal["jail.bail.refused.v1"]
    data: BailRefusedData


class ReleaseDueData(Strict):
    """The person is entitled to release at ``due_at``."""

    due_at: InstantText
    reason: DueReason


class ReleaseDue(Envelope):
    """The local case no longer keeps the person from ``due_at`` on."""

    type: Literal["jail.release.due.v1"]
    data: ReleaseDueData


class ReleaseRescindedData(Strict):
    """Why an earlier entitlement no longer stands."""

    reason: Text | None = None


class ReleaseRescinded(Envelope):
    """An earlier release.due no longer stands."""

    type: Literal["jail.release.rescinded.v1"]
    data: ReleaseRescindedData


class ReleaseCompletedData(Strict):
    """Into whose hands, and why."""

    released_to: ReleasedTo | None = None
    reason: Text | None = None


class ReleaseCompleted(Envelope):
    """The person left custody."""

    type: Literal["jail.release.completed.v1"]
    data: ReleaseCompletedData


class CustodyTransferredData(Strict):
    """``temporary``: the person comes back (court, hospital); it does not end custody."""

    to_agency: Text
    temporary: bool
    warrant_hold_id: Identifier | None = None


class CustodyTransferred(Envelope):
    """Another agency took the person."""

    type: Literal["jail.custody.transferred.v1"]
    data: CustodyTransferredData
