"""Random adversarial histories in the form of the event contract (EVENTS.md sections 1 and 2).

`history(seed)` is a pure function of its arguments. Few distinct instants are drawn, and others at exactly an
allowance's distance from them, so that ties, touching intervals and boundaries are common.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

Event = dict[str, Any]

EPOCH = datetime(2025, 3, 8, tzinfo=UTC)
GRID = timedelta(minutes=15)
STEPS = 3 * 24 * 4
ALLOWANCES = (timedelta(hours=1), timedelta(hours=6), timedelta(hours=24), timedelta(minutes=30))
ZONES = (
    UTC,
    timezone(timedelta(hours=-5)),
    timezone(timedelta(hours=-4)),
    timezone(timedelta(hours=5, minutes=30)),
)

PARAMS: dict[str, Any] = {
    "release_processing_detainer": 0,
    "release_processing_other": 6 * 3600,
    "warn_before": 3600,
    "notice_within": 24 * 3600,
    "require_warrant_verification": True,
    "immigration_names": [
        "ICE",
        "CBP",
        "USCIS",
        "HSI",
        "LESC",
        "Immigration and Customs Enforcement",
        "Border Patrol",
        "Executive Office for Immigration Review",
    ],
    "immigration_oris": ["VTICE0900"],
    "citation_offences": ["MCL 257.904", "Driving without a licence"],
    "identification_bases": ["establishing identity", "no identification"],
}

IMMIGRATION_AGENCIES = (
    "ICE",
    "ICE/ERO Detroit",
    "U.S. Immigration and Customs Enforcement",
    "us border patrol",
)
OTHER_AGENCIES = (
    "Ingham County Sheriff",
    "Justice Department",
    "Fort Collins Police Service",
    "US Marshals Office",
)

# (weight, issuer of a judicial_warrant): right ones, those of an immigration authority, other wrong ones.
WARRANT_ISSUERS: tuple[tuple[int, Event], ...] = (
    (8, {"court": "54-A District Court", "official_title": "District Judge"}),
    (3, {"court": "U.S. District Court", "official_title": "United States Magistrate Judge"}),
    (2, {"court": "30th Circuit Court", "official_title": "Court Commissioner", "agency": "Lansing Police"}),
    (1, {"court": "Supreme Court", "official_title": "Chief JUSTICE"}),
    (1, {"court": "U.S. District Court", "official_title": "Magistrate Judge", "agency": "ICE"}),
    (2, {"court": "Detroit Immigration Court", "official_title": "Judge"}),
    (2, {"court": "U.S. District Court", "official_title": "Immigration Judge"}),
    (2, {"agency": "ICE", "official_title": "Supervisory Detention and Deportation Officer"}),
    (1, {"agency": "DHS", "ori": "VTICE0900", "official_title": "Judge"}),
    (1, {"agency": "HSI", "court": "54-A District Court"}),
    (1, {"court": "54-A District Court", "official_title": "Clerk"}),
    (1, {"court": "", "official_title": "District Judge"}),
    (1, {"agency": "Fort Collins Police Service", "official_title": "Police Officer"}),
    (1, {}),
)
FORMS: dict[str, tuple[str, ...]] = {
    "immigration_detainer": ("I-247A", "i 247 a", "I247", "I-247D", "I-247X"),
    "administrative_warrant": ("I-200", "I-203", "i-203a", "I205", "I-286", "I-862"),
    "notification_request": ("I-247N", "i-247g"),
    "judicial_warrant": ("AO 442", "MC 200"),
}
CHARGES: tuple[Event, ...] = (
    {"code": "mcl 257.904"},
    {"code": "MCL 750.82", "description": "Driving without a licence."},
    {"description": "driving without a licence"},
    {"code": "MCL 750.82", "description": "Felonious assault"},
)
BASES: tuple[list[str], ...] = (
    ["Establishing identity."],
    ["establishing identity", "No identification"],
    ["establishing identity", "probable cause"],
    ["warrant"],
    [],
)
FORBIDDEN: tuple[Event, ...] = (
    {"immigration_status": "unknown"},
    {"citizenship": "MX"},
    {"place_of_birth": "somewhere"},
    {"person": {"person_id": "P1", "nationality": "XX"}},
    {"person": {"alien_number": "A000000000"}},
    {"person": {"country_of_birth": "XX"}},
)
REASONS = ("charges_dropped", "acquitted", "sentence_served", "own_recognizance", "court_order", "other")
LOCAL = ("arrest", "charge", "sentence", "court_order")


@dataclass
class Maker:
    """One feed of one facility, and the dice."""

    dice: random.Random
    source: str
    pool: list[datetime]
    events: list[Event] = field(default_factory=list)

    def some_time(self) -> datetime:
        return self.dice.choice(self.pool)

    def text(self, at: datetime) -> str:
        """The same instant in one of several spellings."""
        zone = self.dice.choice(ZONES)
        text = at.astimezone(zone).isoformat(timespec=self.dice.choice(("auto", "microseconds")))
        return text.replace("+00:00", "Z") if self.dice.random() < 0.5 else text

    def add(self, kind: str, subject: str, at: datetime | None = None, /, **data: Any) -> Event:
        """One event; now and then it is recorded later than it happened, or carries a forbidden field."""
        at = at or self.some_time()
        event: Event = {
            "specversion": "1.0",
            "id": f"e{len(self.events) + 1}",
            "source": self.source,
            "type": f"jail.{kind}.v1",
            "subject": subject,
            "time": self.text(at),
            "data": data,
        }
        if self.dice.random() < 0.4:
            late = self.dice.choice((timedelta(0), GRID, *ALLOWANCES))
            event["recordedtime"] = self.text(at + late)
        self.events.append(event)
        return event

    def chance(self, share: float) -> bool:
        return self.dice.random() < share


def instants(dice: random.Random) -> list[datetime]:
    """A few instants of the grid, others at an allowance's distance, and now and then a microsecond less."""
    few = [EPOCH + GRID * dice.randrange(STEPS) for _ in range(6)]
    pool = list(few)
    for at in few:
        pool.append(at + dice.choice(ALLOWANCES))
        if dice.random() < 0.3:
            pool.append(at + GRID)
        if dice.random() < 0.1:
            pool.append(at + dice.choice(ALLOWANCES) - timedelta(microseconds=1))
    return pool


# ---------------------------------------------------------------- what can happen to a booking


def open_booking(make: Maker, subject: str, early: datetime) -> None:
    data: Event = {"basis": make.dice.choice(BASES)} if make.chance(0.6) else {}
    if make.chance(0.08):
        data |= make.dice.choice(FORBIDDEN)
    make.add("booking.opened", subject, early, **data)


def open_again(make: Maker, subject: str) -> None:
    open_booking(make, subject, make.some_time())


def place(make: Maker, subject: str, kind: str, at: datetime | None = None) -> None:
    """A hold. The same few hold_ids come again and again, so that holds are replaced and merged."""
    dice = make.dice
    data: Event = {"hold_id": f"H{dice.randrange(1, 6)}", "kind": kind}
    if make.chance(0.25):
        data["expires_at"] = make.text(make.some_time())
    if kind == "judicial_warrant" and make.chance(0.92):
        weights, issuers = zip(*WARRANT_ISSUERS, strict=True)
        data["issuer"] = dict(dice.choices(issuers, weights)[0])
    elif kind == "agency_hold" and make.chance(0.3):
        data["issuer"] = {"agency": dice.choice(OTHER_AGENCIES)}
    if make.chance(0.12):  # a label that the paper contradicts
        data["document"] = {"form": dice.choice(FORMS[dice.choice(sorted(FORMS))])}
    elif kind in FORMS and make.chance(0.5):
        data["document"] = {"form": dice.choice(FORMS[kind])}
    if kind in LOCAL and make.chance(0.7):
        data["charge"] = dict(dice.choice(CHARGES))
    if make.chance(0.03):
        data |= {"citizenship": "XX"}
    make.add("hold.placed", subject, at, **data)


def place_local(make: Maker, subject: str) -> None:
    place(make, subject, make.dice.choice(LOCAL))


def place_immigration(make: Maker, subject: str) -> None:
    kinds = ("immigration_detainer", "immigration_detainer", "administrative_warrant", "notification_request")
    place(make, subject, make.dice.choice(kinds))


def place_warrant(make: Maker, subject: str) -> None:
    place(make, subject, make.dice.choice(("judicial_warrant", "judicial_warrant", "agency_hold")))
    if make.chance(0.5):
        hold_id = make.events[-1]["data"]["hold_id"]
        make.add("warrant.verified", subject, hold_id=hold_id, verified_by="records")


def verify(make: Maker, subject: str) -> None:
    make.add("warrant.verified", subject, hold_id=known_hold(make, subject), verified_by="records")


def known_hold(make: Maker, subject: str) -> str:
    own = [e for e in make.events if e["subject"] == subject and e["type"] == "jail.hold.placed.v1"]
    if not own or make.chance(0.1):
        return f"H{make.dice.randrange(1, 6)}"
    return make.dice.choice(own)["data"]["hold_id"]


def lift(make: Maker, subject: str) -> None:
    make.add("hold.lifted", subject, hold_id=known_hold(make, subject))


def due(make: Maker, subject: str) -> None:
    reason = make.dice.choice(REASONS)
    due_at = make.some_time() + (timedelta(days=3) if make.chance(0.1) else timedelta(0))
    make.add("release.due", subject, due_at=make.text(due_at), reason=reason)


def bail(make: Maker, subject: str) -> None:
    step = make.dice.choice(("set", "posted", "posted", "refused", "refused"))
    data = make.dice.choice(({}, {"covers_all": True}, {"covers_all": False})) if step == "posted" else {}
    make.add(f"bail.{step}", subject, **data)


def rescind(make: Maker, subject: str) -> None:
    make.add("release.rescinded", subject)


def transfer(make: Maker, subject: str) -> None:
    to = make.dice.choice(IMMIGRATION_AGENCIES if make.chance(0.6) else OTHER_AGENCIES)
    make.add("custody.transferred", subject, to_agency=to, temporary=make.chance(0.4))


def release(make: Maker, subject: str) -> None:
    """A release; one in three is a mistake that is taken back within half an hour."""
    made = make.add("release.completed", subject, released_to="self")
    if make.chance(0.35):
        at = datetime.fromisoformat(made["time"]) + timedelta(minutes=make.dice.randrange(31))
        make.add("event.retracted", subject, at, retracts=made["id"])


def serve(make: Maker, subject: str) -> None:
    make.add("notice.served", subject, hold_id=known_hold(make, subject), served_by="officer 7")


def retract(make: Maker, subject: str) -> None:
    """Any event of the source so far, a retraction too; now and then one to come, so that cycles arise."""
    last = len(make.events)
    target = make.dice.randrange(max(1, last - 12), last + 2)
    retractions = [e["id"] for e in make.events if e["type"] == "jail.event.retracted.v1"]
    if retractions and make.chance(0.4):
        retracts = make.dice.choice(retractions)
    else:
        retracts = f"e{target + 3}" if make.chance(0.1) else f"e{target}"
    made = make.add("event.retracted", subject, retracts=retracts)
    if make.chance(0.3):
        back = make.add("event.retracted", subject, retracts=made["id"])
        if make.chance(0.2):
            made["data"]["retracts"] = back["id"]


ACTIONS: tuple[tuple[int, Callable[[Maker, str], None]], ...] = (
    (14, place_local),
    (14, place_immigration),
    (10, place_warrant),
    (6, verify),
    (9, lift),
    (10, due),
    (4, rescind),
    (8, bail),
    (5, serve),
    (4, transfer),
    (4, release),
    (4, retract),
    (1, open_again),
)


def move(make: Maker, subjects: list[str]) -> None:
    """One move, or a chain of them; a cycle or a second move of one booking now and then."""
    dice = make.dice
    names = [*subjects, f"{subjects[0]}-new"]
    here = dice.choice(subjects)
    for _ in range(dice.choice((1, 1, 2, 3))):
        into = dice.choice(names)
        if into == here and not make.chance(0.2):
            into = f"{here}-new"
        make.add("booking.moved", here, into=into)
        here = into


def feed(dice: random.Random, source: str, subjects: list[str], size: int) -> list[Event]:
    """The events of one facility, in the order in which they were made up."""
    make = Maker(dice, source, instants(dice))
    early = sorted(make.pool)[: max(2, len(make.pool) // 3)]
    for subject in subjects:
        if make.chance(0.9):
            open_booking(make, subject, dice.choice(early))
        if make.chance(0.85):
            place(make, subject, dice.choice(("arrest", "charge")), dice.choice(early))
    weights, actions = zip(*ACTIONS, strict=True)
    while len(make.events) < size:
        dice.choices(actions, weights)[0](make, dice.choice(subjects))
    if make.chance(0.3):
        move(make, subjects)
    if make.chance(0.12):
        make.add("booking.voided", dice.choice(subjects))
    return make.events


def arrivals(dice: random.Random, events: list[Event]) -> list[Event]:
    """Partly shuffled, and about thirty in a hundred come twice."""

    def recorded(event: Event) -> datetime:
        return datetime.fromisoformat(event.get("recordedtime", event["time"]))

    order = sorted(events, key=recorded)
    for _ in range(len(order) // 3):
        one, other = dice.randrange(len(order)), dice.randrange(len(order))
        order[one], order[other] = order[other], order[one]
    for event in dice.sample(events, round(len(events) * 0.3)):
        order.insert(dice.randrange(len(order) + 1), dict(event))
    return order


def history(seed: int, *, bookings: int = 3, size: int = 40) -> list[Event]:
    """About `size` different events on `bookings` bookings of one or two facilities, with duplicates."""
    dice = random.Random(seed)
    subjects = [f"B{n + 1}" for n in range(bookings)]
    if bookings < 2 or dice.random() < 0.7:
        events = feed(dice, "/jms/a", subjects, size)
    else:  # two facilities that use the same event ids, and one of the same booking numbers
        half = max(1, bookings // 2)
        events = feed(dice, "/jms/a", subjects[:half], size // 2)
        events += feed(dice, "/jms/b", [subjects[0], *subjects[half + 1 :]], size - size // 2)
    return arrivals(dice, events)
