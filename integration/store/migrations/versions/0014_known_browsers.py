"""the console: browsers that an account was used from, so that a stranger's wrong tries shut out strangers alone."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:

    op.create_table(
        "browsers",
        sa.Column("id_hash", sa.LargeBinary(), nullable=False, comment="SHA-256 of what the browser holds"),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False, comment="the last log-in of this account from there"),
        sa.PrimaryKeyConstraint("id_hash", "account"),
    )
    op.create_index("browsers_by_account", "browsers", ["account"])
    op.add_column(
        "accounts",
        sa.Column("shut_at", sa.BigInteger(), comment="since when only browsers that it was used from may try"),
    )
    op.add_column(
        "tries",
        sa.Column("known", sa.Integer(), nullable=False, server_default="0", comment="1: from such a browser"),
    )
