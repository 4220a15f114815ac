"""The tables, once for SQLite and PostgreSQL. Instants are microseconds since the epoch, UTC."""

from typing import Final

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, Table, Text

metadata: Final = MetaData()

inbox = Table(
    "inbox",
    metadata,
    Column("source", Text, primary_key=True),
    Column("event_id", Text, primary_key=True),
    Column("digest", LargeBinary, nullable=False, comment="16 bytes; equal for equal content"),
    Column("subject", Text, nullable=False),
    sqlite_with_rowid=False,
)
"""Every event ever accepted: (source, id) is unique for ever."""

retractions = Table(
    "retractions",
    metadata,
    Column("source", Text, primary_key=True),
    Column("event_id", Text, primary_key=True),
    Column("time", BigInteger, nullable=False),
    Column("retracts", Text, nullable=False),
    sqlite_with_rowid=False,
)
# Finds the retractions of an event that arrives after them.
Index("retractions_by_target", retractions.c.source, retractions.c.retracts)

bookings = Table(
    "bookings",
    metadata,
    Column("source", Text, primary_key=True),
    Column("number", Text, primary_key=True),
    Column("home", Text, comment="number that the facts live with, where a move tied several"),
    Column("facts", LargeBinary, nullable=False),
    Column("recorded", LargeBinary, nullable=False, comment="findings and decisions as last told"),
    Column("next_at", BigInteger),
    Column("version", BigInteger, nullable=False, server_default="1", comment="grows with each change, from 1"),
    sqlite_with_rowid=False,
)
"""Case files. ``facts`` is the truth; ``recorded`` what the log last said of it."""
# Finds the next deadlines; most bookings have none.
Index(
    "bookings_by_deadline",
    bookings.c.next_at,
    sqlite_where=bookings.c.next_at.is_not(None),
    postgresql_where=bookings.c.next_at.is_not(None),
)

findings = Table(
    "findings",
    metadata,
    Column("finding_id", Text, primary_key=True),
    Column("source", Text, nullable=False),
    Column("booking", Text, nullable=False),
    Column("rule", Text, nullable=False),
    Column("about", Text, nullable=False),
    Column("since", BigInteger, nullable=False),
    Column("until", BigInteger),
    Column("raised_at", BigInteger, nullable=False),
    Column("status", Text, nullable=False),
    Column("severity", Text, nullable=False),
    Column("provisions", LargeBinary, nullable=False),
    Column("evidence", LargeBinary, nullable=False),
    Column("names", LargeBinary, nullable=False, comment="JSON object: what the evidence shows, in words"),
    Column("pack", Text, nullable=False),
    Column("pack_revision", Text, nullable=False),
)
"""Projection of the finding entries; can be dropped and rebuilt from the log."""
# The board: what is open, oldest first.
Index("findings_by_status", findings.c.status, findings.c.since)
# One booking's page.
Index("findings_by_booking", findings.c.booking)

decisions = Table(
    "decisions",
    metadata,
    Column("source", Text, primary_key=True),
    Column("request", Text, primary_key=True),
    Column("request_id", Text, primary_key=True),
    Column("booking", Text, nullable=False),
    Column("decision", Text, nullable=False),
    Column("reasons", LargeBinary, nullable=False),
    Column("provisions", LargeBinary, nullable=False),
    Column("categories", LargeBinary, nullable=False),
    Column("recipient_class", Text, nullable=False),
    Column("decided_at", BigInteger, nullable=False),
    Column("pack", Text, nullable=False),
    Column("pack_revision", Text, nullable=False),
)
"""Projection of the decision entries: the last one on each request."""

dead_letters = Table(
    "dead_letters",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("place", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("message", Text, nullable=False),
    Column("digest", LargeBinary, nullable=False, unique=True, comment="16 bytes over place and input"),
    Column("sealed", LargeBinary, nullable=False, comment="the input as received, encrypted"),
    Column("received_at", BigInteger, nullable=False),
    Column("resubmitted", Integer, nullable=False, server_default="0"),
    sqlite_autoincrement=True,
)
"""Refused inputs, whole."""

entries = Table(
    "entries",
    metadata,
    Column("leaf_index", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("booking", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("body", LargeBinary, comment="canonical JSON; null once sealed"),
    Column("salt", LargeBinary, comment="32 bytes; null once sealed"),
    Column("leaf_hash", LargeBinary, nullable=False),
)
"""The audit log. Only sealing ever changes a row: what is left of it is its place and its leaf's hash."""
# A booking's history without going through the whole log. Two more (kind, outcome) would cost every event 3 to 4
# microseconds of about 60: other ways in are for a reader's own copy.
Index("entries_by_booking", entries.c.booking, entries.c.leaf_index)

unsequenced = Table(
    "unsequenced",
    metadata,
    Column("number", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("at", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("booking", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("body", LargeBinary, nullable=False, comment="canonical JSON"),
    Column("salt", LargeBinary, nullable=False, comment="32 bytes"),
    Column("leaf_hash", LargeBinary, nullable=False),
    sqlite_autoincrement=True,
)
"""Entries that workers have committed and the sequencer has not put into the log yet. A row is never changed."""

positions = Table(
    "positions",
    metadata,
    Column("topic", Text, primary_key=True),
    Column("partition", Integer, primary_key=True),
    Column("next_offset", BigInteger, comment="the first that is not processed"),
    Column("epoch", BigInteger, nullable=False, comment="grows with each claim"),
    Column("owner", Text, nullable=False, comment="who claimed it last"),
)
"""How far each partition is processed, and who may say so."""

sealed_leaves = Table(
    "sealed_leaves",
    metadata,
    Column("leaf_index", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("leaf", LargeBinary, nullable=False, comment="leaf data: the salted commitment"),
)
"""Leaf data of sealed entries, which can no longer be made anew from salt and body. Proofs and exports need it."""

tiles = Table(
    "tiles",
    metadata,
    Column("level", Integer, primary_key=True),
    Column("tile_index", BigInteger, primary_key=True),
    Column("hashes", LargeBinary, nullable=False, comment="256 hashes of 32 bytes"),
)
"""Full tiles of the Merkle tree (C2SP tlog-tiles); what is not full yet is in the entries."""

log_state = Table(
    "log_state",
    metadata,
    Column("one", Integer, primary_key=True, autoincrement=False, comment="always 1"),
    Column("size", BigInteger, nullable=False),
)
"""Number of entries: the compare-and-swap that lets one sequencer extend the log."""

outbox = Table(
    "outbox",
    metadata,
    Column("number", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("key", Text, nullable=False, unique=True),
    Column("topic", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("payload", LargeBinary, nullable=False),
    sqlite_autoincrement=True,
)
"""What is still to be told to the outside. A row goes once it has been told."""
