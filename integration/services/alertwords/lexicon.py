"""The closed lists of words of an alert: rules, papers, stages, what is missing."""

from collections.abc import Mapping
from typing import Final

from integration.domain.alerts.said import CaseState, Missing, Stage
from integration.domain.alerts.topics import DutyKind, Topic
from schemas.kinds import HoldKind, Rule, Severity

RULES: Final[Mapping[Topic, str]] = {
    Rule.OVERDUE_DETAINER_HOLD: "held on an immigration paper past the release time, without authority",
    Rule.OVERDUE_RELEASE: "held past the release time, without authority",
    Rule.RELEASE_APPROACHING: "release time is near, and an immigration paper is on file",
    Rule.TRANSFER_WITHOUT_WARRANT: "handed to an immigration authority without a judge's warrant",
    Rule.BOOKED_WITHOUT_AUTHORITY: "booked on an immigration paper alone",
    Rule.BAIL_REFUSED_ON_DETAINER: "bail refused while an immigration paper was on file",
    Rule.NOTICE_NOT_SERVED: "no record that the person was given a copy of the immigration paper",
    Rule.MISLABELLED_DOCUMENT: "a paper was recorded as something that it is not",
    Rule.STATUS_INFORMATION_RECEIVED: "the feed sent information that must not be asked for or kept",
    Rule.HELD_FOR_IDENTIFICATION: "held only to establish identity",
    Rule.CITE_NOT_CUSTODY: "the charges call for a summons in place of custody",
    DutyKind.NOTICE: "the person is owed a copy of the immigration paper",
    DutyKind.CERTIFICATION: "a certification was asked for and is not decided",
    DutyKind.APPROVAL_EXPIRES: "an approval to send a message ends soon",
    DutyKind.AUDIT_REVIEW: "the audit log is to be looked through",
    DutyKind.QUARANTINE: "blocked messages wait for a person, for too long or too many of them",
    DutyKind.DELIVERY_UNKNOWN: "nobody knows whether a message has left, and it will not be sent again by itself",
    DutyKind.ACCOUNT_LOCKED: "too many log-ins of a console account failed: it is locked",
}
"""Each rule in plain words, after "booking B-100"; each duty as a sentence."""

BRIEF: Final[Mapping[Topic, str]] = {
    Rule.OVERDUE_DETAINER_HOLD: "held past release on immigration paper",
    Rule.OVERDUE_RELEASE: "held past release",
    Rule.RELEASE_APPROACHING: "release is near, immigration paper on file",
    Rule.TRANSFER_WITHOUT_WARRANT: "handed over without judge's warrant",
    Rule.BOOKED_WITHOUT_AUTHORITY: "booked on immigration paper alone",
    Rule.BAIL_REFUSED_ON_DETAINER: "bail refused, immigration paper on file",
    Rule.NOTICE_NOT_SERVED: "no copy of immigration paper given",
    Rule.MISLABELLED_DOCUMENT: "paper is not what its label says",
    Rule.STATUS_INFORMATION_RECEIVED: "feed sent what must not be kept",
    Rule.HELD_FOR_IDENTIFICATION: "held only to establish identity",
    Rule.CITE_NOT_CUSTODY: "summons would do",
    DutyKind.NOTICE: "give a copy of immigration paper",
    DutyKind.CERTIFICATION: "decide a certification",
    DutyKind.APPROVAL_EXPIRES: "approval ends",
    DutyKind.AUDIT_REVIEW: "look through the audit log",
    DutyKind.QUARANTINE: "blocked messages wait",
    DutyKind.DELIVERY_UNKNOWN: "has a message left?",
    DutyKind.ACCOUNT_LOCKED: "console account locked",
}
"""For a title and a telephone."""

DUTY_STEPS: Final[Mapping[DutyKind, tuple[str, ...]]] = {
    DutyKind.NOTICE: (
        "Give the person a copy of the paper, in a language they read (holdwatch notice prints one).",
        "Record in the jail's system that it was served: the duty ends by itself.",
    ),
    DutyKind.CERTIFICATION: (
        "Decide the certification, or hand it to whoever does.",
        "Record the decision in the jail's system, or: holdwatch duties done DUTY.",
    ),
    DutyKind.APPROVAL_EXPIRES: (
        "Look whether the message still has to leave: holdwatch gate quarantine list.",
        "If it has, ask for a new approval; if not, let this one end.",
    ),
    DutyKind.AUDIT_REVIEW: (
        "Look through the audit log: the console's pages, or holdwatch audit.",
        "Then: holdwatch duties done audit_review.",
    ),
    DutyKind.QUARANTINE: (
        "Look at what waits, the oldest first: holdwatch gate quarantine list.",
        "Approve, ask for an approval, or deny each message.",
    ),
    DutyKind.DELIVERY_UNKNOWN: (
        "Find out from the receiving side whether the message came.",
        "Say what became of it: holdwatch gate quarantine settle.",
    ),
    DutyKind.ACCOUNT_LOCKED: (
        "Ask the person whether the failed log-ins were theirs. If they were not, look where they came from.",
        "Then an administrator unlocks it: the console's page Users, or: holdwatch users unlock NAME.",
    ),
}
"""What to do about a duty. No pack speaks of these."""

PAPERS: Final[Mapping[str, str]] = {
    HoldKind.ARREST: "arrest",
    HoldKind.CHARGE: "charge",
    HoldKind.SENTENCE: "sentence",
    HoldKind.COURT_ORDER: "court order",
    HoldKind.JUDICIAL_WARRANT: "judge's warrant",
    HoldKind.AGENCY_HOLD: "criminal hold of another agency",
    HoldKind.IMMIGRATION_DETAINER: "immigration detainer (no judge has signed it)",
    HoldKind.ADMINISTRATIVE_WARRANT: "administrative immigration warrant (no judge has signed it)",
    HoldKind.NOTIFICATION_REQUEST: "request to be told of the release",
    "no_valid_warrant": "recorded as a judge's warrant, but no court or no judge stands on it",
}
"""What a paper is."""

MISSING: Final[Mapping[Missing, str]] = {
    Missing.JUDICIAL_WARRANT: "a warrant signed by a judge of a court",
    Missing.WARRANT_VERIFIED: "a record that the court was asked about the warrant",
    Missing.NOTICE_SERVED: "a record that the person was given a copy",
}

BRIEFLY_MISSING: Final[Mapping[Missing, str]] = {
    Missing.JUDICIAL_WARRANT: "no judge's warrant",
    Missing.WARRANT_VERIFIED: "warrant not verified",
    Missing.NOTICE_SERVED: "no receipt",
}

SEVERITIES: Final[Mapping[Severity, str]] = {
    Severity.VIOLATION: "ALERT",
    Severity.WARNING: "WARNING",
    Severity.ADVICE: "ADVICE",
}
"""The word in front, while a finding is open."""

STAGES: Final[Mapping[Stage, str]] = {
    Stage.FIRST: "",
    Stage.ADDED: "MORE",
    Stage.REPEATED: "REMINDER",
    Stage.ESCALATED: "ESCALATED",
    Stage.HANDED_OVER: "HAND-OVER",
    Stage.REOPENED: "STILL OPEN",
    Stage.ENDED: "PARTLY OVER",
    Stage.CLOSED: "OVER",
    Stage.ACKNOWLEDGED: "TAKEN ON",
    Stage.MERGED: "WENT ON IN ANOTHER ALERT",
    Stage.TEST: "TEST",
}
"""The word in front that says why a notice goes out."""

REASONS: Final[Mapping[Stage, str]] = {
    Stage.FIRST: "This is the first notice.",
    Stage.ADDED: "More bookings have joined this alert.",
    Stage.REPEATED: "Nobody has acknowledged this alert yet.",
    Stage.ESCALATED: "Nobody told before has acknowledged this alert in time, or nobody of them could be reached.",
    Stage.HANDED_OVER: "You came on duty. This is open from before.",
    Stage.REOPENED: "It was acknowledged, and it is still so. The acknowledgement no longer counts.",
    Stage.ENDED: "Some of it is over, the rest is not.",
    Stage.CLOSED: "All of it is over. Nothing more will be sent about this alert.",
    Stage.ACKNOWLEDGED: "Somebody has taken it on.",
    Stage.MERGED: "Its bookings went on in another alert, which tells of them.",
    Stage.TEST: "This is a test of one receiver. There is no alert and nothing to do.",
}

STATES: Final[Mapping[CaseState, str]] = {
    CaseState.OPEN: "open",
    CaseState.RESOLVED: "over",
    CaseState.WITHDRAWN: "taken back: later records show that it was not so",
    CaseState.ACKNOWLEDGED: "somebody has taken note of it",
}

DRILL: Final = "DRILL"
DRILL_SENTENCE: Final = "DRILL. This is an exercise: no such booking exists, and nobody is to be released for it."
