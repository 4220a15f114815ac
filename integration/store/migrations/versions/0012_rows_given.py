"""connectors: which events each row gave, so that a corrected row takes back what it no longer says."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:

    op.add_column(
        "source_rows",
        sa.Column(
            "given", sa.Text(), nullable=False, server_default="[]", comment="JSON: ids of the events that it gave"
        ),
    )
