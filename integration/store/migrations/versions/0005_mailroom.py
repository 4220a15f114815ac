"""the gate's mailroom: outgoing messages, their recipients, approvals."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:

    op.create_table(
        "mails",
        sa.Column("mail_id", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False, comment="smtp, http, kafka; notice: an explanation of ours"),
        sa.Column("source", sa.Text(), nullable=False, comment="the facility's feed, whose pack decides"),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False, comment="bytes of the message"),
        sa.Column("sha256", sa.LargeBinary(), nullable=False, comment="of the message: what leaves has this one"),
        sa.Column("envelope", sa.LargeBinary(), comment="sender, recipients, road; encrypted; null once purged"),
        sa.Column("content", sa.LargeBinary(), comment="the message as received; encrypted; null once purged"),
        sa.PrimaryKeyConstraint("mail_id"),
    )
    op.create_table(
        "deliveries",
        sa.Column("message_id", sa.Text(), nullable=False, comment="what approvals and decisions name"),
        sa.Column("mail_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False, comment="the recipient's place in the envelope, from 0"),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("recipient_class", sa.Text(), nullable=False),
        sa.Column("booking", sa.Text(), nullable=False, comment="empty: tied to none"),
        sa.Column(
            "asked", sa.LargeBinary(), nullable=False, comment="what was examined, as a fact; no word of the message"
        ),
        sa.Column("asked_by", sa.Text(), nullable=False, comment="JSON list: who asked for an approval"),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column(
            "next_at", sa.BigInteger(), nullable=False, comment="not before; of a blocked one: until when it is kept"
        ),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False, comment="the process that is sending it"),
        sa.Column("version", sa.BigInteger(), nullable=False, comment="grows with each change, from 1"),
        sa.PrimaryKeyConstraint("message_id"),
    )
    op.create_index("deliveries_by_state", "deliveries", ["state", "next_at"])
    op.create_index("deliveries_by_mail", "deliveries", ["mail_id", "number"])
    op.create_table(
        "approvals",
        sa.Column("approval_id", sa.Text(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("legal_basis", sa.Text(), nullable=False),
        sa.Column("citation", sa.Text(), nullable=False),
        sa.Column("approved_by", sa.Text(), nullable=False),
        sa.Column("granted_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("withdrawn_at", sa.BigInteger()),
        sa.Column("withdrawn_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("approval_id"),
    )
    op.create_index("approvals_by_message", "approvals", ["message_id"])
