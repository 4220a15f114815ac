"""Tables of the console alone: searches that people keep, and the register of complaints."""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, Table, Text

from integration.store.metadata import metadata

saved_searches = Table(
    "saved_searches",
    metadata,
    Column("search_id", Text, primary_key=True),
    Column("account", Text, nullable=False, comment="whose it is; nobody else changes it"),
    Column("shared", Integer, nullable=False, comment="whether others may use it"),
    Column("sealed", LargeBinary, nullable=False, comment="name and filters, encrypted: people type names there"),
    Column("created_at", BigInteger, nullable=False),
)
"""Searches of the log that somebody keeps."""
Index("saved_searches_by_account", saved_searches.c.account)

complaints = Table(
    "complaints",
    metadata,
    Column("source", Text, primary_key=True, comment="the facility's feed"),
    Column("complaint_id", Text, primary_key=True),
    Column("kind", Text, nullable=False, comment="decides which office investigates"),
    Column("office", Text, nullable=False, comment="where it was sent"),
    Column("booking", Text, nullable=False, comment="empty: about none"),
    Column("entries", Text, nullable=False, comment="JSON list: leaf indices of the entries that it concerns"),
    Column("sealed", LargeBinary, nullable=False, comment="what was said, against whom; encrypted"),
    Column("received_at", BigInteger, nullable=False),
    Column("received_by", Text, nullable=False),
    Column("outcome", Text, nullable=False, comment="empty while it is investigated"),
    Column("closed_at", BigInteger),
    Column("closed_by", Text, nullable=False),
    Column("version", BigInteger, nullable=False, comment="grows with each change, from 1"),
)
"""Who said that the policy was broken, which office looks into it, and what came of it (M-3)."""
Index("complaints_by_time", complaints.c.closed_at, complaints.c.received_at)
