"""Every line is an event of the contract, and everything the contract knows occurs."""

import re
from collections import defaultdict
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from integration.simulator import SimulationParams, facilities
from integration.simulator.localtime import Spelling
from schemas.events import EVENTS, parse
from schemas.forbidden import FORBIDDEN_NAMES
from schemas.kinds import AccessMode, AssistanceKind, DueReason, HoldKind, LegalBasis
from tests.simulator.streams import kind, lines, time_of, unique

LARGE = SimulationParams(
    seed=1, facilities=8, bookings_per_day=900, days=12, immigration=0.1, register_entries=1.0, run_out=True
)
TYPES = set(EVENTS.json_schema()["discriminator"]["mapping"])


def test_every_line_is_accepted_when_read_strictly():
    assert all(parse(line) for line in lines(LARGE))


def test_every_event_type_occurs_when_the_run_is_large():
    assert {event["type"] for event in unique(LARGE)} == TYPES


@pytest.mark.parametrize(
    ("of", "field", "words"),
    [
        ("hold.placed", "kind", HoldKind),
        ("release.due", "reason", DueReason),
        ("access.requested", "mode", AccessMode),
        ("assistance.requested", "kind", AssistanceKind),
        ("approval.granted", "legal_basis", LegalBasis),
    ],
)
def test_every_word_of_a_list_occurs_when_the_run_is_large(of, field, words):
    seen = {event["data"][field] for event in unique(LARGE) if kind(event) == of}
    assert seen == {word.value for word in words}


def test_every_paper_of_the_contract_occurs_when_the_run_is_large():
    forms = {event["data"].get("document", {}).get("form") for event in unique(LARGE)} - {None}
    folded = {re.sub(r"[\s-]", "", form).upper() for form in forms}
    detainers = {"I247", "I247A", "I247D", "I247X", "I247N", "I247G"}
    assert folded == detainers | {"I200", "I203", "I203A", "I205", "I286", "I862"}


@pytest.mark.parametrize("agency", ["Sheriff", "Parole", "Probation", "Extradition", "Marshals"])
def test_every_sort_of_other_agency_holds_somebody_when_the_run_is_large(agency):
    holds = [event["data"] for event in unique(LARGE) if event["data"].get("kind") == "agency_hold"]
    assert any(agency in data.get("issuer", {}).get("agency", "") for data in holds)


def test_moved_bookings_are_spoken_of_under_both_numbers_when_the_run_is_large():
    moved = {(e["source"], e["subject"], e["data"]["into"]) for e in unique(LARGE) if kind(e) == "booking.moved"}
    subjects = {(event["source"], event["subject"]) for event in unique(LARGE) if kind(event) != "booking.moved"}
    both = [1 for source, old, new in moved if {(source, old), (source, new)} <= subjects]
    assert len(both) > len(moved) * 0.8


def test_dues_are_rescinded_and_come_again_when_the_run_is_large():
    dues, rescinded = defaultdict(list), {}
    for event in unique(LARGE):
        number = event["source"], event["subject"].removesuffix("-X")
        if kind(event) == "release.due" or event["data"].get("covers_all"):
            dues[number].append(time_of(event))
        elif kind(event) == "release.rescinded":
            rescinded[number] = time_of(event)
    assert len(rescinded) > 20
    assert all(min(dues[number]) < at for number, at in rescinded.items())
    assert sum(max(dues[number]) > at for number, at in rescinded.items()) > len(rescinded) * 0.8


def test_forbidden_fields_occur_and_are_named_when_the_run_is_large():
    stripped = {name for line in lines(LARGE) for name in parse(line).stripped}
    assert len(stripped) >= 4
    assert stripped <= FORBIDDEN_NAMES


def test_retractions_of_retractions_occur_when_the_run_is_large():
    retractions = [event for event in unique(LARGE) if kind(event) == "event.retracted"]
    ids = {(event["source"], event["id"]) for event in retractions}
    assert any((event["source"], event["data"]["retracts"]) in ids for event in retractions)


def test_mistaken_releases_are_taken_back_within_half_an_hour():
    releases = {(e["source"], e["id"]): e for e in unique(LARGE) if kind(e) == "release.completed"}
    taken_back = [
        time_of(event) - time_of(release)
        for event in unique(LARGE)
        if (release := releases.get((event["source"], event["data"].get("retracts"))))
    ]
    assert len(taken_back) > 20
    assert timedelta(0) < min(taken_back)
    assert max(taken_back) < timedelta(minutes=30)


NIGHTS = {"spring": date(2026, 3, 8), "autumn": date(2026, 11, 1)}


@pytest.mark.parametrize("night", NIGHTS)
def test_offset_is_the_zones_when_the_clocks_change(night):
    start = NIGHTS[night] - timedelta(days=1)
    params = SimulationParams(facilities=8, bookings_per_day=4000, days=3, start=start, register_entries=1.0)
    jails = {jail.source: jail for jail in facilities(params)}
    seen = {source: set() for source in jails}
    for event in unique(params):
        jail, at = jails[event["source"]], time_of(event)
        local = UTC if jail.spelling is Spelling.ZULU else ZoneInfo(jail.zone)
        assert at.utcoffset() == at.astimezone(local).utcoffset()
        seen[jail.source].add(at.utcoffset())
    changing = [j for j in jails.values() if j.spelling is not Spelling.ZULU and _changes(j.zone, start)]
    assert len(changing) >= 4
    assert all(len(seen[jail.source]) >= 2 for jail in changing)


def _changes(zone, start):
    offsets = [datetime(start.year, start.month, start.day, 12, tzinfo=ZoneInfo(zone)) + timedelta(n) for n in (0, 2)]
    return offsets[0].utcoffset() != offsets[1].utcoffset()


def test_repeated_hour_is_told_twice_when_the_clocks_go_back():
    params = SimulationParams(facilities=1, bookings_per_day=4000, days=2, start=NIGHTS["autumn"])
    repeated = [event["time"] for event in unique(params) if event["time"].startswith("2026-11-01T01:")]
    assert {time[-6:] for time in repeated} == {"-04:00", "-05:00"}


def test_skipped_hour_is_never_told_when_the_clocks_go_forward():
    params = SimulationParams(facilities=1, bookings_per_day=4000, days=2, start=NIGHTS["spring"])
    assert not [event for event in unique(params) if event["time"].startswith("2026-03-08T02:")]


def test_canary_stands_in_every_name_and_nowhere_without_one():
    params = SimulationParams(bookings_per_day=400, days=4, canary="QZX-CANARY")
    people = [event["data"]["person"] for event in unique(params) if "person" in event["data"]]
    assert all(person[field].startswith("QZX-CANARY ") for person in people for field in ("family_name", "given_name"))
    free_texts = [e["data"]["reason"] for e in unique(params) if "QZX-CANARY" in e["data"].get("reason", "")]
    assert free_texts
    assert not any(b"CANARY" in line for line in lines(replace(params, canary="")))


def test_addresses_and_numbers_reach_nobody():
    said = b" ".join(line for line in lines(LARGE) if b"message.requested" in line).decode()
    assert {address.rpartition(".")[2] for address in re.findall(r"[\w.]+@[\w.]+", said)} == {"example"}
    assert all(number.startswith("555-01") for number in re.findall(r'"number":"([^"]+)"', said))
