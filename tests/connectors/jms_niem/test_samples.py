"""The exchange's own published samples and two counties' code tables, read beside the project."""

import csv
from pathlib import Path

import pytest

from connectors.jms_niem.charges import FREEING
from connectors.jms_niem.mapping import AgencyClass, Effect
from connectors.jms_niem.vocabulary import RowKind, effect_of, holder, row_kind
from tests.connectors.jms_niem.documents import springfield
from tests.connectors.jms_niem.reading import codes, kinds, mapped, of_type, one

FEEDS = Path(__file__).parents[4] / "shared" / "feeds"
SAMPLES, TABLES = FEEDS / "ojbc", FEEDS / "ojbc-code-tables"
ADAMS = springfield(source="/jms/adams")
PIMA = springfield(source="/jms/pima", zone="America/Phoenix")

pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(
        not SAMPLES.is_dir(), reason="the samples' licence forbids to ship them; they lie beside the project"
    ),
]


def sample(name, mapping):
    return mapped((SAMPLES / f"{name}.xml").read_bytes(), mapping)


def summary(outcome):
    return [(event["type"].removeprefix("jail.").removesuffix(".v1"), event["time"]) for event in outcome.events]


def test_adams_booking():
    """Booked 09:30 Denver time on two charges held for "Agency", bonds of 500 and 1000, flag false, two set dates."""
    outcome = sample("BookingReport-Adams", ADAMS)

    booked = "2013-12-17T16:30:00Z"
    types = ["booking.opened", *["hold.placed"] * 3, *["bail.set"] * 2, *["release.due"] * 2]
    assert summary(outcome) == [(kind, booked) for kind in types]
    assert kinds(outcome) == ["agency_hold", "charge", "charge"]
    assert [event["data"]["amount"] for event in of_type(outcome, "bail.set")] == ["500.00", "1000.00"]
    dues = {event["data"]["due_at"]: event["id"] for event in of_type(outcome, "release.due")}
    assert set(dues) == {"2014-12-17T17:30:00Z", "2014-12-18T07:00:00Z"}
    assert dues["2014-12-18T07:00:00Z"].endswith("-date-only")
    assert max(dues.values()) == dues["2014-12-17T17:30:00Z"], "the date set for that day has a time"
    assert one(outcome, "booking.opened")["data"] == {
        "person": {"person_id": "e807f1fcf82d132f9bb018ca6738a19f", "preferred_language": "English"},
        "booked_by": "Springfield County Sheriff",
        "basis": ["warrant"],
    }
    assert "document_older_than_booking" in codes(outcome)
    assert outcome.refusals == ()


def test_pima_booking():
    """One charge, bond 250000 with status ROR: entitled to release, and no later time is known than the booking's."""
    outcome = sample("BookingReport-Pima", PIMA)

    booked = "2016-05-12T00:36:00Z"
    types = ["booking.opened", "hold.placed", "hold.lifted", "bail.set", "release.due"]
    assert summary(outcome) == [(kind, booked) for kind in types]
    assert one(outcome, "hold.placed")["data"]["charge"] == {"code": "ARS13-1105", "description": "MURDER 1ST DEGREE"}
    assert one(outcome, "release.due")["data"] == {"due_at": booked, "reason": "own_recognizance"}
    assert one(outcome, "release.due")["id"].endswith("-time-unknown")
    assert one(outcome, "booking.opened")["data"]["arrested_at"] == "2016-05-11T23:40:00Z"


def test_adams_release():
    """Released at the minute of booking, eligible that day; the address and the free text stay behind."""
    outcome = sample("CustodyReleaseReport-Adams", ADAMS)

    assert summary(outcome) == [
        ("release.due", "2012-12-17T09:30:47Z"),
        ("release.completed", "2001-12-17T09:30:47Z"),
    ]
    assert one(outcome, "release.due")["data"]["due_at"] == "2001-12-18T07:00:00Z"
    assert "Woodlawn" not in str(outcome)


def test_pima_release():
    """Released, time unknown: when it was received."""
    outcome = sample("CustodyReleaseReport-Pima", PIMA)

    assert summary(outcome) == [("release.completed", "2026-03-05T12:00:00Z")]
    assert outcome.events[0]["id"].endswith("-time-unknown")


def test_adams_status_change():
    """One charge held for "Agency", flag false, and a release twelve years before the booking."""
    outcome = sample("CustodyStatusChangeReport-Adams", ADAMS)

    booked = "2013-12-17T16:30:00Z"
    types = ["booking.opened", "hold.placed", "hold.placed", "hold.lifted", "bail.set", "release.due"]
    assert summary(outcome) == [*[(kind, booked) for kind in types], ("release.completed", "2001-12-17T09:30:47Z")]
    assert kinds(outcome) == ["agency_hold", "charge"]
    assert one(outcome, "hold.lifted")["data"]["hold_id"] == "immigration-hold"
    assert "release_before_booking" in codes(outcome)


def test_samples_give_no_person_away():
    for name, mapping in (
        ("BookingReport-Adams", ADAMS),
        ("BookingReport-Pima", PIMA),
        ("CustodyStatusChangeReport-Adams", ADAMS),
    ):
        said = str(sample(name, mapping))
        assert all(
            value not in said
            for value in ("Otis", "Strong", "HOMER", "SIMPSON", "1968", "123-45-", "Schizo", "Zyprexa")
        )


def rows(name):
    with (TABLES / name).open(encoding="utf-8") as opened:
        return list(csv.DictReader(opened))


IMMIGRATION = {
    "IMMIGRATION CUSTOMS ENFORCEMENT",
    "Immigration & Naturalization",
    "Immigration and Customs Enforc",
    "US Border Patrol",
    "United States Border Patrol",
    "Immigration & Customs Enforcem",
}


@pytest.mark.parametrize("table", ["adams_Agency", "pimac_Agency", "adams_JurisdictionType", "pimac_JurisdictionType"])
def test_agency_tables_are_classified_right(table):
    kind = table.split("_")[1]
    for row in rows(f"{table}.csv"):
        name, code = row[f"{kind}Description"], row["NIEM_Booking_Message_Code"]
        expected = AgencyClass.IMMIGRATION if name in IMMIGRATION else AgencyClass.OTHER
        for said in {name, code} - {"Unknown"}:
            assert holder(ADAMS, said, frozenset()).class_ is expected, said
        wanted = RowKind.IMMIGRATION_HOLD if name in IMMIGRATION else RowKind.AGENCY_HOLD
        assert row_kind(ADAMS, f"HOLD {name}") is wanted, name


EFFECTS = {
    "Posted Bond": Effect.POSTED,
    "Bond Posted": Effect.POSTED,
    "Return to Other Jurisdiction": Effect.OTHER_JURISDICTION,
    "RTRJ": Effect.OTHER_JURISDICTION,
    "Sentenced": Effect.SENTENCED,
    "Active": Effect.ACTIVE,
    "PEND": Effect.ACTIVE,
    "Combined Charges": Effect.COMBINED,
    "Released Order of Court": Effect.COURT_ORDER,
    "Court Ordered": Effect.COURT_ORDER,
    "Served Time Release": Effect.SENTENCE_SERVED,
    "CTS": Effect.SENTENCE_SERVED,
    "No Charges": Effect.NO_CHARGES_FILED,
    "Vacated Charges": Effect.CHARGES_DROPPED,
    "No Probable Cause": Effect.CHARGES_DROPPED,
    "Release/Own Recognizance": Effect.OWN_RECOGNIZANCE,
    "PR": Effect.OWN_RECOGNIZANCE,
    "Parole Release": Effect.OTHER,
    "Watch Commander Release": Effect.OTHER,
    "Investigator Release": Effect.OTHER,
    "FCR": Effect.OTHER,
    "Administrative Clearance": Effect.OTHER,
}


@pytest.mark.parametrize("county", ["adams", "pimac"])
def test_bond_status_tables_are_read_right_by_name_and_code(county):
    for row in rows(f"{county}_BondStatusType.csv"):
        name, code = row["BondStatusTypeDescription"], row["NIEM_Booking_Message_Code"]
        for said in (name, code):
            assert effect_of(ADAMS, "bond_statuses", said) is EFFECTS.get(name), said


def test_bond_type_tables_hold_no_surprise():
    elsewhere = {"RTOJ", "ROJ", "ROTJ", "RRTJ", "RTJO", "RTO"}
    for row in rows("adams_BondType.csv") + rows("pimac_BondType.csv"):
        name, code = row["BondTypeDescription"], row["NIEM_Booking_Message_Code"]
        effect = effect_of(ADAMS, "bond_types", name)
        assert effect is effect_of(ADAMS, "bond_types", code), name
        assert (effect is Effect.OTHER_JURISDICTION) is (name in elsewhere), name
        assert (effect is Effect.NO_BOND) is (name in {"NO BOND", "Hold Without Bond"}), name
        assert effect is not Effect.IMMIGRATION
        if effect in FREEING:
            assert "BOND" not in name, "a kind of bail frees nobody before it is posted"
