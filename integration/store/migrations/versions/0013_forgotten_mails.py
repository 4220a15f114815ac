"""the gate's mailroom: ids of messages whose rows are gone, so that none of them is filed and sent again."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:

    op.create_table(
        "forgotten_mails",
        sa.Column("mail_id", sa.Text(), nullable=False, comment="a digest of the facility and the channel's own id"),
        sa.Column("sha256", sa.LargeBinary(), nullable=False, comment="of the message"),
        sa.PrimaryKeyConstraint("mail_id"),
    )
