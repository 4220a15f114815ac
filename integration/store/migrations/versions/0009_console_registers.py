"""the console's own: saved searches, the register of complaints."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:

    op.create_table(
        "saved_searches",
        sa.Column("search_id", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False, comment="whose it is; nobody else changes it"),
        sa.Column("shared", sa.Integer(), nullable=False, comment="whether others may use it"),
        sa.Column(
            "sealed", sa.LargeBinary(), nullable=False, comment="name and filters, encrypted: people type names there"
        ),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("search_id"),
    )
    op.create_index("saved_searches_by_account", "saved_searches", ["account"])
    op.create_table(
        "complaints",
        sa.Column("source", sa.Text(), nullable=False, comment="the facility's feed"),
        sa.Column("complaint_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False, comment="decides which office investigates"),
        sa.Column("office", sa.Text(), nullable=False, comment="where it was sent"),
        sa.Column("booking", sa.Text(), nullable=False, comment="empty: about none"),
        sa.Column(
            "entries", sa.Text(), nullable=False, comment="JSON list: leaf indices of the entries that it concerns"
        ),
        sa.Column("sealed", sa.LargeBinary(), nullable=False, comment="what was said, against whom; encrypted"),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("received_by", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False, comment="empty while it is investigated"),
        sa.Column("closed_at", sa.BigInteger()),
        sa.Column("closed_by", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False, comment="grows with each change, from 1"),
        sa.PrimaryKeyConstraint("source", "complaint_id"),
    )
    op.create_index("complaints_by_time", "complaints", ["closed_at", "received_at"])
