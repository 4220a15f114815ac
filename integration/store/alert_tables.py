"""The tables of alerting. Instants are microseconds since the epoch, UTC."""

from sqlalchemy import BigInteger, Column, Index, Integer, Table, Text

from integration.store.metadata import metadata

alerts = Table(
    "alerts",
    metadata,
    Column("alert_id", Text, primary_key=True),
    Column("source", Text, nullable=False),
    Column("rule", Text, nullable=False),
    Column("severity", Text, nullable=False),
    Column("route", Text, nullable=False),
    Column("opened_at", BigInteger, nullable=False),
    Column("drill", Integer, nullable=False, comment="1: an exercise"),
    Column("closed_at", BigInteger),
    Column("merged_into", Text, nullable=False, comment="the alert that its open findings went to"),
    Column("acked_at", BigInteger),
    Column("acked_by", Text, nullable=False),
    Column("cycle", Integer, nullable=False),
    Column("step", Integer, nullable=False),
    Column("step_at", BigInteger, nullable=False),
    Column("repeat", Integer, nullable=False),
    Column("repeat_at", BigInteger, nullable=False),
    Column("rounds", Integer, nullable=False),
    Column("told", Text, nullable=False, comment="JSON list of receivers; so are the next three"),
    Column("told_now", Text, nullable=False),
    Column("tried", Text, nullable=False),
    Column("failed", Text, nullable=False),
)
"""What people are told of together, and how far that has got."""
# Those that are open.
Index(
    "alerts_open",
    alerts.c.alert_id,
    sqlite_where=alerts.c.closed_at.is_(None),
    postgresql_where=alerts.c.closed_at.is_(None),
)

alert_findings = Table(
    "alert_findings",
    metadata,
    Column("alert_id", Text, primary_key=True),
    Column("finding_id", Text, primary_key=True),
    Column("booking", Text, nullable=False),
    Column("added_at", BigInteger, nullable=False),
    Column("told", Integer, nullable=False),
    Column("ended_at", BigInteger),
    Column("state", Text, nullable=False),
    Column("end_told", Integer, nullable=False),
)
"""Which findings an alert is about."""
# An open finding is in one alert, whatever goes wrong.
Index(
    "alert_findings_open",
    alert_findings.c.finding_id,
    unique=True,
    sqlite_where=alert_findings.c.ended_at.is_(None),
    postgresql_where=alert_findings.c.ended_at.is_(None),
)
# Whether somebody has acknowledged it for good.
Index("alert_findings_by_finding", alert_findings.c.finding_id)

notices = Table(
    "notices",
    metadata,
    Column("notice_id", Text, primary_key=True),
    Column("alert_id", Text, nullable=False),
    Column("receiver", Text, nullable=False),
    Column("stage", Text, nullable=False),
    Column("cycle", Integer, nullable=False),
    Column("step", Integer, nullable=False),
    Column("repeat", Integer, nullable=False),
    Column("due_at", BigInteger, nullable=False),
    Column("told", Text, nullable=False, comment="JSON list: all receivers of this round"),
    Column("new", Text, nullable=False, comment="JSON list: findings that it tells for the first time"),
    Column("state", Text, nullable=False, comment="queued, sent, failed, superseded"),
    Column("attempts", Integer, nullable=False),
    Column("changed_at", BigInteger, nullable=False),
    Column("why", Text, nullable=False, comment="why it failed last, never an address"),
)
"""What is to be told to whom, and what became of it."""
Index("notices_by_alert", notices.c.alert_id)
# What waits, whatever has been sent since the beginning.
Index(
    "notices_waiting",
    notices.c.due_at,
    sqlite_where=notices.c.state == "queued",
    postgresql_where=notices.c.state == "queued",
)

acks = Table(
    "acks",
    metadata,
    Column("number", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("alert_id", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("covers", Text, nullable=False, comment="JSON list: the findings that they saw"),
    Column("notice_id", Text, unique=True, comment="whose link was used: it serves once"),
    Column("applied", Integer, nullable=False),
    sqlite_autoincrement=True,
)
"""Who has taken an alert on."""
Index("acks_by_alert", acks.c.alert_id)

silences = Table(
    "silences",
    metadata,
    Column("silence_id", Text, primary_key=True),
    Column("source", Text, nullable=False, comment="empty, as the next two: every one"),
    Column("rule", Text, nullable=False),
    Column("booking", Text, nullable=False),
    Column("start_at", BigInteger, nullable=False),
    Column("end_at", BigInteger, nullable=False, comment="as it was set, or when somebody lifted it"),
    Column("author", Text, nullable=False),
    Column("reason", Text, nullable=False),
)
"""When nobody is told of what, and who said so."""
Index("silences_by_end", silences.c.end_at)

duties = Table(
    "duties",
    metadata,
    Column("duty_id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("booking", Text, nullable=False),
    Column("about", Text, nullable=False, comment="a certification, an approval"),
    Column("event_id", Text, nullable=False, comment="what asks for it"),
    Column("due_at", BigInteger),
    Column("opened_at", BigInteger, nullable=False),
    Column("done_at", BigInteger),
    Column("done_by", Text, nullable=False),
)
"""What somebody owes by when, as far as it is no finding."""
Index("duties_by_due", duties.c.done_at, duties.c.due_at)

duties_told = Table(
    "duties_told",
    metadata,
    Column("duty_id", Text, primary_key=True, comment="as alert_findings.finding_id has it"),
    Column("kind", Text, nullable=False),
    Column("source", Text, nullable=False, comment="empty: of the whole installation"),
    Column("booking", Text, nullable=False),
    Column("about", Text, nullable=False),
    Column("due_at", BigInteger, nullable=False),
    Column("waiting", Integer, nullable=False, comment="how many things wait; 1 where it is one"),
    Column("rests_on", Text, nullable=False, comment="JSON list of provisions"),
    Column("severity", Text, nullable=False),
)
"""What alerts know of the duties that people are told of, as it was when they were told last."""

alerting = Table(
    "alerting",
    metadata,
    Column("one", Integer, primary_key=True, autoincrement=False, comment="always 1"),
    Column("next_entry", BigInteger, nullable=False, comment="the first entry of the log that alerts do not know"),
    Column("duties_entry", BigInteger, nullable=False, comment="the first that the list of duties does not know"),
    Column("version", BigInteger, nullable=False, comment="grows with each change by the alerting process"),
    Column("signal", BigInteger, nullable=False, comment="grows when somebody else has something for it"),
)
"""How far alerting has read the log. One process at a time."""
