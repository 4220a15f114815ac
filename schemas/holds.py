"""Events about holds: placed, lifted, and a warrant verified by a person."""

from typing import Literal

from schemas.base import Identifier, InstantText, Strict, Text
from schemas.envelope import Envelope
from schemas.kinds import HoldKind


class Document(Strict):
    """The paper itself: its form decides what it is (section 3)."""

    form: Text | None = None
    number: Text | None = None
    sha256: Text | None = None


class Issuer(Strict):
    """Who issued the paper. A court and a judicial office make a warrant a judicial one."""

    agency: Text | None = None
    ori: Text | None = None
    court: Text | None = None
    official_name: Text | None = None
    official_title: Text | None = None


class Charge(Strict):
    """What the person is charged with."""

    code: Text | None = None
    description: Text | None = None


class HoldPlacedData(Strict):
    """A ground, or a claimed ground, to keep the person."""

    hold_id: Identifier
    kind: HoldKind
    expires_at: InstantText | None = None
    document: Document | None = None
    issuer: Issuer | None = None
    charge: Charge | None = None
    reasons: list[Text] | None = None


class HoldPlaced(Envelope):
    """A hold was put on the booking."""

    type: Literal["jail.hold.placed.v1"]
    data: HoldPlacedData


class HoldLiftedData(Strict):
    """Which hold ended before its time."""

    hold_id: Identifier
    reason: Text | None = None


class HoldLifted(Envelope):
    """A hold was taken off."""

    type: Literal["jail.hold.lifted.v1"]
    data: HoldLiftedData


class WarrantVerifiedData(Strict):
    """Who checked the warrant with the court."""

    hold_id: Identifier
    verified_by: Text
    document_sha256: Text | None = None


class WarrantVerified(Envelope):
    """A person confirmed that a judicial warrant is what it says."""

    type: Literal["jail.warrant.verified.v1"]
    data: WarrantVerifiedData
