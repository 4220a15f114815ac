"""duties: what alerts know of the duties that people are told of."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:

    op.create_table(
        "duties_told",
        sa.Column("duty_id", sa.Text(), nullable=False, comment="as alert_findings.finding_id has it"),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False, comment="empty: of the whole installation"),
        sa.Column("booking", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("waiting", sa.Integer(), nullable=False, comment="how many things wait; 1 where it is one"),
        sa.Column("rests_on", sa.Text(), nullable=False, comment="JSON list of provisions"),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("duty_id"),
    )
