"""connectors: positions, rows of dumps, deliveries, replies, differences."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:

    op.create_table(
        "source_positions",
        sa.Column("name", sa.Text(), nullable=False, comment="a connector, as the settings name it"),
        sa.Column("position", sa.Text(), nullable=False, comment="JSON: how far it has read; its own form"),
        sa.Column("version", sa.BigInteger(), nullable=False, comment="grows with each change, from 1"),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "source_rows",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False, comment="hash of the columns that make it the same row"),
        sa.Column("booking", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False, comment="hash of the person's key; empty for none"),
        sa.Column("marks", sa.Text(), nullable=False, comment="JSON: hash of what each rule on a change watches"),
        sa.PrimaryKeyConstraint("name", "key"),
    )
    op.create_index("source_rows_by_booking", "source_rows", ["name", "booking"])
    op.create_table(
        "source_deliveries",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("delivery", sa.Text(), nullable=False, comment="hash of the sender's message id"),
        sa.Column("digest", sa.LargeBinary(), nullable=False, comment="of its body"),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", "delivery"),
    )
    op.create_index("source_deliveries_by_time", "source_deliveries", ["at"])
    op.create_table(
        "source_replies",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "source_differences",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("booking", sa.Text(), nullable=False),
        sa.Column(
            "about",
            sa.Text(),
            nullable=False,
            comment="another booking number, or a number of rows; empty for none",
        ),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", "kind", "booking", "about"),
    )
