"""many workers on one database."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:

    op.add_column(
        "bookings",
        sa.Column(
            "version", sa.BigInteger(), server_default="1", nullable=False, comment="grows with each change, from 1"
        ),
    )
    op.create_table(
        "unsequenced",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("booking", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False, comment="canonical JSON"),
        sa.Column("salt", sa.LargeBinary(), nullable=False, comment="32 bytes"),
        sa.Column("leaf_hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "positions",
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("partition", sa.Integer(), nullable=False),
        sa.Column("next_offset", sa.BigInteger(), nullable=True, comment="the first that is not processed"),
        sa.Column("epoch", sa.BigInteger(), nullable=False, comment="grows with each claim"),
        sa.Column("owner", sa.Text(), nullable=False, comment="who claimed it last"),
        sa.PrimaryKeyConstraint("topic", "partition"),
    )
