"""alerts: what people are told, who has taken it on, what they owe."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:

    op.create_table(
        "alerts",
        sa.Column("alert_id", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("route", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("drill", sa.Integer(), nullable=False, comment="1: an exercise"),
        sa.Column("closed_at", sa.BigInteger()),
        sa.Column("merged_into", sa.Text(), nullable=False, comment="the alert that its open findings went to"),
        sa.Column("acked_at", sa.BigInteger()),
        sa.Column("acked_by", sa.Text(), nullable=False),
        sa.Column("cycle", sa.Integer(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("step_at", sa.BigInteger(), nullable=False),
        sa.Column("repeat", sa.Integer(), nullable=False),
        sa.Column("repeat_at", sa.BigInteger(), nullable=False),
        sa.Column("rounds", sa.Integer(), nullable=False),
        sa.Column("told", sa.Text(), nullable=False, comment="JSON list of receivers; so are the next three"),
        sa.Column("told_now", sa.Text(), nullable=False),
        sa.Column("tried", sa.Text(), nullable=False),
        sa.Column("failed", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("alert_id"),
    )
    op.create_index("alerts_open", "alerts", ["alert_id"], sqlite_where=sa.text("closed_at IS NULL"), postgresql_where=sa.text("closed_at IS NULL"))
    op.create_table(
        "alert_findings",
        sa.Column("alert_id", sa.Text(), nullable=False),
        sa.Column("finding_id", sa.Text(), nullable=False),
        sa.Column("booking", sa.Text(), nullable=False),
        sa.Column("added_at", sa.BigInteger(), nullable=False),
        sa.Column("told", sa.Integer(), nullable=False),
        sa.Column("ended_at", sa.BigInteger()),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("end_told", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("alert_id", "finding_id"),
    )
    op.create_index("alert_findings_open", "alert_findings", ["finding_id"], unique=True, sqlite_where=sa.text("ended_at IS NULL"), postgresql_where=sa.text("ended_at IS NULL"))
    op.create_index("alert_findings_by_finding", "alert_findings", ["finding_id"])
    op.create_table(
        "notices",
        sa.Column("notice_id", sa.Text(), nullable=False),
        sa.Column("alert_id", sa.Text(), nullable=False),
        sa.Column("receiver", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("cycle", sa.Integer(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("repeat", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("told", sa.Text(), nullable=False, comment="JSON list: all receivers of this round"),
        sa.Column("new", sa.Text(), nullable=False, comment="JSON list: findings that it tells for the first time"),
        sa.Column("state", sa.Text(), nullable=False, comment="queued, sent, failed, superseded"),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False, comment="why it failed last, never an address"),
        sa.PrimaryKeyConstraint("notice_id"),
    )
    op.create_index("notices_by_alert", "notices", ["alert_id"])
    op.create_index("notices_waiting", "notices", ["due_at"], sqlite_where=sa.text("state = 'queued'"), postgresql_where=sa.text("state = 'queued'"))
    op.create_table(
        "acks",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("alert_id", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("covers", sa.Text(), nullable=False, comment="JSON list: the findings that they saw"),
        sa.Column("notice_id", sa.Text(), comment="whose link was used: it serves once"),
        sa.Column("applied", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
        sa.UniqueConstraint("notice_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("acks_by_alert", "acks", ["alert_id"])
    op.create_table(
        "silences",
        sa.Column("silence_id", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False, comment="empty, as the next two: every one"),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("booking", sa.Text(), nullable=False),
        sa.Column("start_at", sa.BigInteger(), nullable=False),
        sa.Column("end_at", sa.BigInteger(), nullable=False, comment="as it was set, or when somebody lifted it"),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("silence_id"),
    )
    op.create_index("silences_by_end", "silences", ["end_at"])
    op.create_table(
        "duties",
        sa.Column("duty_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("booking", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False, comment="a certification, an approval"),
        sa.Column("event_id", sa.Text(), nullable=False, comment="what asks for it"),
        sa.Column("due_at", sa.BigInteger()),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("done_at", sa.BigInteger()),
        sa.Column("done_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("duty_id"),
    )
    op.create_index("duties_by_due", "duties", ["done_at", "due_at"])
    op.create_table(
        "alerting",
        sa.Column("one", sa.Integer(), autoincrement=False, nullable=False, comment="always 1"),
        sa.Column("next_entry", sa.BigInteger(), nullable=False, comment="the first entry of the log that alerts do not know"),
        sa.Column("duties_entry", sa.BigInteger(), nullable=False, comment="the first that the list of duties does not know"),
        sa.Column("version", sa.BigInteger(), nullable=False, comment="grows with each change by the alerting process"),
        sa.Column("signal", sa.BigInteger(), nullable=False, comment="grows when somebody else has something for it"),
        sa.PrimaryKeyConstraint("one"),
    )
    op.execute("INSERT INTO alerting (one, next_entry, duties_entry, version, signal) VALUES (1, -1, 0, 0, 0)")
