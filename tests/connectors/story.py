"""A week of invented bookings, told three ways: as the contract's events, as OJBC's reports, as New Orleans' envelopes.

The three are written apart from each other, from the contract and from the connectors' README: what the connectors make
of the documents has to come to the same findings as the events.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from tests.connectors.jms_niem.documents import Charge, Document
from tests.connectors.jms_niem.test_jtmp import CODES, NAMESPACES, release

SOURCE = "/jms/example-county"
ZONE = ZoneInfo("America/Detroit")
FROM = datetime(2026, 3, 4, tzinfo=UTC)
"""A Wednesday; the clock goes forward on the Sunday after."""


@dataclass(frozen=True)
class Stay:
    """One person's booking. Times to the second."""

    number: str
    booked: datetime
    charges: int
    detainer: datetime | None
    lifted: datetime | None
    """When the detainer was taken back."""
    due: datetime | None
    """From when nothing local keeps the person."""
    released: datetime | None


def stays(count: int = 40, seed: int = 4) -> list[Stay]:
    """Invent bookings: some leave in time, some late, some are kept on a detainer, some are still there."""
    dice, found = Random(seed), []
    for number in range(count):
        booked = FROM + timedelta(seconds=dice.randrange(7 * 86_400))

        def later(hours: float, since: datetime) -> datetime:
            return since + timedelta(seconds=60 + dice.randrange(int(hours * 3600)))

        due = later(30, booked) if dice.random() < 0.8 else None
        detainer = later(20, booked) if dice.random() < 0.6 else None
        lifted = later(40, detainer) if detainer is not None and dice.random() < 0.3 else None
        released = later(dice.choice([1, 12, 60]), due) if due is not None and dice.random() < 0.8 else None
        # A paper that comes or goes after the release says nothing; it would open the booking again in no form.
        if released is not None and detainer is not None and detainer >= released:
            detainer = lifted = None
        if released is not None and lifted is not None and lifted >= released:
            lifted = None
        found.append(Stay(f"N-{number:03}", booked, dice.randrange(1, 4), detainer, lifted, due, released))
    return found


def utc(moment: datetime) -> str:
    return moment.isoformat().removesuffix("+00:00") + "Z"


def clock(moment: datetime) -> str:
    """As the facility's own clock shows it, without an offset."""
    return moment.astimezone(ZONE).replace(tzinfo=None).isoformat()


def events(found: list[Stay]) -> Iterator[bytes]:
    """The week as the contract has it."""
    for stay in found:
        told: list[tuple[str, datetime, dict[str, Any]]] = [("booking.opened", stay.booked, {})]
        charges = [{"hold_id": f"c{at}", "kind": "charge"} for at in range(stay.charges)]
        told += [("hold.placed", stay.booked, each) for each in charges]
        paper = {"hold_id": "immigration-hold", "kind": "immigration_detainer"}
        told += [("hold.placed", stay.detainer, paper)] if stay.detainer else []
        told += [("hold.lifted", stay.lifted, {"hold_id": paper["hold_id"]})] if stay.lifted else []
        due = {"reason": "charges_dropped"}
        told += [("release.due", stay.due, due | {"due_at": utc(stay.due)})] if stay.due else []
        told += [("release.completed", stay.released, {})] if stay.released else []
        for number, (kind, at, data) in enumerate(told):
            known = {"specversion": "1.0", "id": f"{stay.number}-{number}", "source": SOURCE, "subject": stay.number}
            yield orjson.dumps({**known, "type": f"jail.{kind}.v1", "time": utc(at), "data": data})


def reports(found: list[Stay]) -> list[tuple[datetime, bytes]]:
    """The week as OJBC's reports, in the order in which they were written."""
    told: list[tuple[datetime, bytes]] = []
    for stay in found:
        about = {"number": stay.number, "booked": clock(stay.booked), "arrest": clock(stay.booked)}

        def report(at: datetime, stay: Stay = stay, about: Any = about, **more: Any) -> None:
            gone = stay.due is not None and at >= stay.due
            status = "Dismissed" if gone else ""
            rows = [Charge(sequence=str(n), code=f"18-4-{n}", status=status) for n in range(stay.charges)]
            held = stay.detainer is not None and stay.detainer <= at and not (stay.lifted and stay.lifted <= at)
            flag = {"flag": "true" if held else "false"} if more.get("root") != "CustodyReleaseReport" else {}
            told.append((at, Document(charges=rows, created=utc(at), **about, **flag, **more).xml()))

        report(stay.booked)
        for moment in (stay.detainer, stay.lifted, stay.due):
            if moment is not None:
                report(moment, root="CustodyStatusChangeReport")
        if stay.released is not None:
            report(stay.released, root="CustodyReleaseReport", release=clock(stay.released))
    return sorted(told)


CHARGE = """<j:ArrestCharge><j:ChargeStatute><j:StatuteCodeIdentification><nc:IdentificationID>14:67
</nc:IdentificationID></j:StatuteCodeIdentification></j:ChargeStatute>
<x:ChargeAugmentation><x:ChargeKey>{key}</x:ChargeKey></x:ChargeAugmentation></j:ArrestCharge>"""


def envelopes(found: list[Stay]) -> list[tuple[datetime, bytes]]:
    """The week as New Orleans' envelopes. They have no place for a detainer: those are typed in by hand."""
    told: list[tuple[datetime, bytes]] = []
    for stay in found:

        def send(at: datetime, operation: str, released: str = "", stay: Stay = stay) -> None:
            rows = "".join(CHARGE.format(key=key) for key in range(stay.charges))
            document = f"""<x:BookingExchange {NAMESPACES}>{CODES}<j:Booking structures:ref="{operation}">
            <nc:ActivityDate><nc:DateTime>{clock(stay.booked)}</nc:DateTime></nc:ActivityDate>
            <j:BookingAgencyRecordIdentification><nc:IdentificationID>{stay.number}</nc:IdentificationID>
            </j:BookingAgencyRecordIdentification>{released}<j:BookingSubject><nc:RoleOfPerson/></j:BookingSubject>
            <j:Arrest><nc:ActivityDate><nc:DateTime>{clock(stay.booked)}</nc:DateTime></nc:ActivityDate>{rows}</j:Arrest>
            </j:Booking></x:BookingExchange>"""
            sent = {"AgencyId": "BPSO", "MessageId": f"{len(told)}", "TransactionId": f"t-{len(told)}"}
            sent["MessageSentTimestamp"] = at.isoformat()
            told.append((at, orjson.dumps({"Metadata": sent, "ExchangeData": document})))

        send(stay.booked, "add")
        if stay.due is not None:
            planned = f"<nc:DateTime>{clock(stay.due)}</nc:DateTime>"
            send(stay.due - timedelta(minutes=1), "update", release(done="false", at="", planned=planned))
        if stay.released is not None:
            send(stay.released, "update", release(at=f"<nc:DateTime>{utc(stay.released)}</nc:DateTime>"))
    return sorted(told)
