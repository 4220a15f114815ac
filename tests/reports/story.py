"""A few bookings of an invented jail, written by hand, of which every figure can be counted on the fingers."""

from tests.reports.logs import event

DETAINER = {"kind": "immigration_detainer", "document": {"form": "I-247A"}, "issuer": {"agency": "ICE"}}
PERSON = {"person": {"family_name": "Quillfeather", "given_name": "Zebulonia", "birth_date": "1987-11-23"}}
CANARIES = ("Quillfeather", "Zebulonia", "1987-11-23", "23 November 1987")

EVENTS = [
    # B-1: a detainer on a final order; entitled at noon, kept 30 hours, handed to ICE without a warrant.
    event(1, "booking.opened", "2026-02-01T08:00", PERSON),
    event(2, "hold.placed", "2026-02-01T08:00", {"hold_id": "c", "kind": "charge"}),
    event(3, "hold.placed", "2026-02-01T09:00", {"hold_id": "d", **DETAINER, "reasons": ["Final order of removal"]}),
    event(4, "release.due", "2026-02-01T12:00", {"due_at": "2026-02-01T12:00:00Z", "reason": "charges_dropped"}),
    event(5, "custody.transferred", "2026-02-02T18:00", {"to_agency": "ICE ERO", "temporary": False}),
    event(6, "reimbursement.received", "2026-05-01T12:00", {"amount": "120.50", "currency": "USD", "agency": "ICE"}),
    # B-2: two papers with several reasons and none; one of them typed in as a judicial warrant; released in time.
    event(10, "booking.opened", "2026-02-10T08:00", PERSON, booking="B-2"),
    event(11, "hold.placed", "2026-02-10T08:00", {"hold_id": "c", "kind": "charge"}, booking="B-2"),
    event(
        12,
        "hold.placed",
        "2026-02-10T10:00",
        {"hold_id": "d", **DETAINER, "reasons": ["Biometric confirmation", "Statements by Zebulonia Quillfeather"]},
        booking="B-2",
    ),
    event(
        13,
        "hold.placed",
        "2026-02-10T10:00",
        {"hold_id": "w", "kind": "judicial_warrant", "document": {"form": "I-200"}, "issuer": {"agency": "ICE"}},
        booking="B-2",
    ),
    event(14, "hold.lifted", "2026-02-10T11:00", {"hold_id": "d"}, booking="B-2"),
    event(15, "hold.lifted", "2026-02-10T11:00", {"hold_id": "w"}, booking="B-2"),
    event(
        16,
        "release.due",
        "2026-02-10T13:00",
        {"due_at": "2026-02-10T14:00:00Z", "reason": "own_recognizance"},
        booking="B-2",
    ),
    event(17, "release.completed", "2026-02-10T16:00", {"released_to": "self"}, booking="B-2"),
    # B-3: a mistake, voided; its paper counts nowhere.
    event(20, "booking.opened", "2026-03-01T08:00", PERSON, booking="B-3"),
    event(21, "hold.placed", "2026-03-01T09:00", {"hold_id": "d", **DETAINER}, booking="B-3"),
    event(22, "booking.voided", "2026-03-01T10:00", {}, booking="B-3"),
    # B-4: a paper that is retracted; a notification request that stands; moved to B-5; bail covers all; eight hours.
    event(30, "booking.opened", "2026-03-10T08:00", PERSON, booking="B-4"),
    event(31, "hold.placed", "2026-03-10T08:00", {"hold_id": "c", "kind": "charge"}, booking="B-4"),
    event(32, "hold.placed", "2026-03-10T09:00", {"hold_id": "d", **DETAINER}, booking="B-4"),
    event(33, "event.retracted", "2026-03-10T09:30", {"retracts": "e-32"}, booking="B-4"),
    event(34, "hold.placed", "2026-03-10T10:00", {"hold_id": "n", "kind": "notification_request"}, booking="B-4"),
    event(35, "booking.moved", "2026-03-10T11:00", {"into": "B-5"}, booking="B-4"),
    event(36, "bail.posted", "2026-03-10T12:00", {"covers_all": True}, booking="B-5"),
    event(37, "release.completed", "2026-03-10T20:00", {}, booking="B-5"),
    # B-6: nobody's paper; released after one hour.
    event(40, "booking.opened", "2026-03-20T08:00", PERSON, booking="B-6"),
    event(41, "hold.placed", "2026-03-20T08:00", {"hold_id": "c", "kind": "charge"}, booking="B-6"),
    event(
        42, "release.due", "2026-03-20T09:00", {"due_at": "2026-03-20T09:00:00Z", "reason": "acquitted"}, booking="B-6"
    ),
    event(43, "release.completed", "2026-03-20T10:00", {}, booking="B-6"),
    # Requests at the gate.
    event(
        50,
        "message.requested",
        "2026-02-01T10:00",
        {
            "message_id": "M-1",
            "channel": "smtp",
            "sender": {"user": "desk"},
            "recipients": [{"address": "intake@ice.dhs.gov", "agency": "ICE"}],
            "content": {"release_time": "soon"},
            "text": "Zebulonia Quillfeather, born 23 November 1987, leaves at four.",
        },
    ),
    event(
        51,
        "approval.granted",
        "2026-02-01T10:30",
        {
            "approval_id": "A-1",
            "message_id": "M-1",
            "legal_basis": "statute",
            "citation": "x",
            "approved_by": "staff-17",
            "expires_at": "2026-02-03T10:30:00Z",
        },
    ),
    event(
        52,
        "assistance.requested",
        "2026-02-05T10:00",
        {"assistance_id": "S-1", "agency": "ICE", "kind": "joint_operation"},
        booking="R-1",
    ),
    # Learned late: a detainer of the second half of 2025, recorded in April.
    event(60, "booking.opened", "2025-11-01T08:00", PERSON, booking="B-0", recordedtime="2026-04-01T08:00:00Z"),
    event(
        61,
        "hold.placed",
        "2025-11-01T08:00",
        {"hold_id": "c", "kind": "charge"},
        booking="B-0",
        recordedtime="2026-04-01T08:00:00Z",
    ),
    event(
        62,
        "hold.placed",
        "2025-11-01T09:00",
        {"hold_id": "d", **DETAINER},
        booking="B-0",
        recordedtime="2026-04-01T08:00:00Z",
    ),
]
