"""The tables, once for SQLite and PostgreSQL. Instants are microseconds since the epoch, UTC."""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, Table, Text

from integration.store.alert_tables import acks as acks  # noqa: PLC0414  one of them all
from integration.store.alert_tables import alert_findings as alert_findings  # noqa: PLC0414  one of them all
from integration.store.alert_tables import alerting as alerting  # noqa: PLC0414  one of them all
from integration.store.alert_tables import alerts as alerts  # noqa: PLC0414  one of them all
from integration.store.alert_tables import duties as duties  # noqa: PLC0414  one of them all
from integration.store.alert_tables import duties_told as duties_told  # noqa: PLC0414  one of them all
from integration.store.alert_tables import notices as notices  # noqa: PLC0414  one of them all
from integration.store.alert_tables import silences as silences  # noqa: PLC0414  one of them all
from integration.store.console_tables import complaints as complaints  # noqa: PLC0414  one of them all
from integration.store.console_tables import saved_searches as saved_searches  # noqa: PLC0414  one of them all
from integration.store.metadata import metadata as metadata  # noqa: PLC0414  one of them all

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
# Without them a booking's history, the last entries of a rare kind and those of an hour go through the whole log:
# seconds at ten million entries. Together they cost an event about 3 of 60 microseconds.
Index("entries_by_booking", entries.c.booking, entries.c.leaf_index)
Index("entries_by_kind", entries.c.kind, entries.c.leaf_index)
Index("entries_by_time", entries.c.at)

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

mails = Table(
    "mails",
    metadata,
    Column("mail_id", Text, primary_key=True),
    Column("channel", Text, nullable=False, comment="smtp, http, kafka; notice: an explanation of ours"),
    Column("source", Text, nullable=False, comment="the facility's feed, whose pack decides"),
    Column("received_at", BigInteger, nullable=False),
    Column("size", BigInteger, nullable=False, comment="bytes of the message"),
    Column("sha256", LargeBinary, nullable=False, comment="of the message: what leaves has this one"),
    Column("envelope", LargeBinary, comment="sender, recipients, road; encrypted; null once purged"),
    Column("content", LargeBinary, comment="the message as received; encrypted; null once purged"),
)
"""Outgoing messages that the gate has accepted. Envelope and content go when nothing about them is open."""

deliveries = Table(
    "deliveries",
    metadata,
    Column("message_id", Text, primary_key=True, comment="what approvals and decisions name"),
    Column("mail_id", Text, nullable=False),
    Column("number", Integer, nullable=False, comment="the recipient's place in the envelope, from 0"),
    Column("state", Text, nullable=False),
    Column("recipient_class", Text, nullable=False),
    Column("booking", Text, nullable=False, comment="empty: tied to none"),
    Column("asked", LargeBinary, nullable=False, comment="what was examined, as a fact; no word of the message"),
    Column("asked_by", Text, nullable=False, comment="JSON list: who asked for an approval"),
    Column("attempts", Integer, nullable=False),
    Column("next_at", BigInteger, nullable=False, comment="not before; of a blocked one: until when it is kept"),
    Column("changed_at", BigInteger, nullable=False),
    Column("owner", Text, nullable=False, comment="the process that is sending it"),
    Column("version", BigInteger, nullable=False, comment="grows with each change, from 1"),
)
"""One recipient of one message: what was decided, and how far it has come."""
# What is to be sent or has expired, oldest first.
Index("deliveries_by_state", deliveries.c.state, deliveries.c.next_at)
# All recipients of one message.
Index("deliveries_by_mail", deliveries.c.mail_id, deliveries.c.number)

forgotten_mails = Table(
    "forgotten_mails",
    metadata,
    Column("mail_id", Text, primary_key=True, comment="a digest of the facility and the channel's own id"),
    Column("sha256", LargeBinary, nullable=False, comment="of the message"),
)
"""Messages with an id of their channel's own whose rows are gone. Kept for ever: none of them is sent again."""

approvals = Table(
    "approvals",
    metadata,
    Column("approval_id", Text, primary_key=True),
    Column("message_id", Text, nullable=False),
    Column("legal_basis", Text, nullable=False),
    Column("citation", Text, nullable=False),
    Column("approved_by", Text, nullable=False),
    Column("granted_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("withdrawn_at", BigInteger),
    Column("withdrawn_by", Text, nullable=False),
)
"""Approvals given here. Those that come with a feed are facts of their booking."""
# The approvals of one message.
Index("approvals_by_message", approvals.c.message_id)

accounts = Table(
    "accounts",
    metadata,
    Column("name", Text, primary_key=True, comment="what the person logs in with"),
    Column("password", Text, nullable=False, comment="argon2id, with its parameters and salt"),
    Column("totp", LargeBinary, comment="secret of the one-time codes, encrypted; null only in the demo"),
    Column("totp_used", BigInteger, nullable=False, comment="time step of the last code: none is taken twice"),
    Column("disabled", Integer, nullable=False),
    Column("locked_at", BigInteger, comment="since when, after too many tries; an administrator unlocks"),
    Column("created_at", BigInteger, nullable=False),
    Column("seen_at", BigInteger, nullable=False, comment="the last log-in; at first the creation"),
    Column("version", BigInteger, nullable=False, comment="grows with each change, from 1"),
    Column("shut_at", BigInteger, comment="since when only browsers that it was used from may try"),
)
"""People who use the console."""

grants = Table(
    "grants",
    metadata,
    Column("account", Text, primary_key=True),
    Column("role", Text, primary_key=True),
    Column("source", Text, primary_key=True, comment="a facility's feed; empty: every facility"),
)
"""Who may do what, where."""

identities = Table(
    "identities",
    metadata,
    Column("issuer", Text, primary_key=True),
    Column("subject", Text, primary_key=True, comment="the provider's own key for the person"),
    Column("account", Text, nullable=False, unique=True),
)
"""Accounts of people who log in at a provider: they have no password here."""

tries = Table(
    "tries",
    metadata,
    Column("number", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("account", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("known", Integer, nullable=False, server_default="0", comment="1: from such a browser"),
    sqlite_autoincrement=True,
)
"""Failed log-ins of accounts that exist, until one succeeds."""
Index("tries_by_account", tries.c.account, tries.c.at)

browsers = Table(
    "browsers",
    metadata,
    Column("id_hash", LargeBinary, primary_key=True, comment="SHA-256 of what the browser holds"),
    Column("account", Text, primary_key=True),
    Column("seen_at", BigInteger, nullable=False, comment="the last log-in of this account from there"),
)
"""Browsers that an account was used from: a stranger's wrong tries do not shut these out."""
Index("browsers_by_account", browsers.c.account)

sessions = Table(
    "sessions",
    metadata,
    Column("id_hash", LargeBinary, primary_key=True, comment="SHA-256 of what the browser holds"),
    Column("account", Text, nullable=False),
    Column("opened_at", BigInteger, nullable=False),
    Column("seen_at", BigInteger, nullable=False),
    Column("proven_at", BigInteger, nullable=False, comment="when the person last showed who he is"),
    Column("revoked_at", BigInteger),
)
"""Who is logged in to the console."""
Index("sessions_by_account", sessions.c.account)

api_tokens = Table(
    "api_tokens",
    metadata,
    Column("token_id", Text, primary_key=True, comment="public; the first part of the token"),
    Column("account", Text, nullable=False, comment="acts with the rights of this one"),
    Column("secret_hash", LargeBinary, nullable=False, comment="SHA-256 of the second part"),
    Column("scopes", Text, nullable=False, comment="JSON list"),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("revoked_at", BigInteger),
)
"""Keys for programs."""
Index("api_tokens_by_account", api_tokens.c.account)

source_positions = Table(
    "source_positions",
    metadata,
    Column("name", Text, primary_key=True, comment="a connector, as the settings name it"),
    Column("position", Text, nullable=False, comment="JSON: how far it has read; its own form"),
    Column("version", BigInteger, nullable=False, comment="grows with each change, from 1"),
    Column("changed_at", BigInteger, nullable=False),
)
"""How far each connector has read: written with the events that it read."""

source_rows = Table(
    "source_rows",
    metadata,
    Column("name", Text, primary_key=True),
    Column("key", Text, primary_key=True, comment="hash of the columns that make it the same row"),
    Column("booking", Text, nullable=False),
    Column("person", Text, nullable=False, comment="hash of the person's key; empty for none"),
    Column("marks", Text, nullable=False, comment="JSON: hash of what each rule on a change watches"),
    Column("given", Text, nullable=False, server_default="[]", comment="JSON: ids of the events that it gave"),
)
"""What the last dump of a connector listed, without what it said: so that the next one can be compared."""
Index("source_rows_by_booking", source_rows.c.name, source_rows.c.booking)

source_deliveries = Table(
    "source_deliveries",
    metadata,
    Column("name", Text, primary_key=True),
    Column("delivery", Text, primary_key=True, comment="hash of the sender's message id"),
    Column("digest", LargeBinary, nullable=False, comment="of its body"),
    Column("at", BigInteger, nullable=False),
)
"""Messages that were taken in: one that is sent again is answered as the first was."""
Index("source_deliveries_by_time", source_deliveries.c.at)

source_replies = Table(
    "source_replies",
    metadata,
    Column("number", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("name", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    sqlite_autoincrement=True,
)
"""Acknowledgements that a sender is still to get."""

source_differences = Table(
    "source_differences",
    metadata,
    Column("name", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("booking", Text, primary_key=True),
    Column("about", Text, primary_key=True, comment="another booking number, or a number of rows; empty for none"),
    Column("since", BigInteger, nullable=False),
)
"""Where a feed's roster and the picture here differ, as long as they do. Each is an entry of the log, too."""
