"""indexes for who reads: a booking's findings and history, the entries of a kind and of an hour."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:

    op.create_index("findings_by_booking", "findings", ["booking"])
    op.create_index("entries_by_booking", "entries", ["booking", "leaf_index"])
    op.create_index("entries_by_kind", "entries", ["kind", "leaf_index"])
    op.create_index("entries_by_time", "entries", ["at"])
