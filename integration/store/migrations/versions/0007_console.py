"""the console: accounts, roles, failed log-ins, sessions, keys for programs."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:

    op.create_table(
        "accounts",
        sa.Column("name", sa.Text(), nullable=False, comment="what the person logs in with"),
        sa.Column("password", sa.Text(), nullable=False, comment="argon2id, with its parameters and salt"),
        sa.Column("totp", sa.LargeBinary(), comment="secret of the one-time codes, encrypted; null only in the demo"),
        sa.Column(
            "totp_used", sa.BigInteger(), nullable=False, comment="time step of the last code: none is taken twice"
        ),
        sa.Column("disabled", sa.Integer(), nullable=False),
        sa.Column("locked_at", sa.BigInteger(), comment="since when, after too many tries; an administrator unlocks"),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False, comment="the last log-in; at first the creation"),
        sa.Column("version", sa.BigInteger(), nullable=False, comment="grows with each change, from 1"),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "grants",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False, comment="a facility's feed; empty: every facility"),
        sa.PrimaryKeyConstraint("account", "role", "source"),
    )
    op.create_table(
        "tries",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
        sqlite_autoincrement=True,
    )
    op.create_index("tries_by_account", "tries", ["account", "at"])
    op.create_table(
        "sessions",
        sa.Column("id_hash", sa.LargeBinary(), nullable=False, comment="SHA-256 of what the browser holds"),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("proven_at", sa.BigInteger(), nullable=False, comment="when the person last showed who he is"),
        sa.Column("revoked_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("id_hash"),
    )
    op.create_index("sessions_by_account", "sessions", ["account"])
    op.create_table(
        "api_tokens",
        sa.Column("token_id", sa.Text(), nullable=False, comment="public; the first part of the token"),
        sa.Column("account", sa.Text(), nullable=False, comment="acts with the rights of this one"),
        sa.Column("secret_hash", sa.LargeBinary(), nullable=False, comment="SHA-256 of the second part"),
        sa.Column("scopes", sa.Text(), nullable=False, comment="JSON list"),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("revoked_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("token_id"),
    )
    op.create_index("api_tokens_by_account", "api_tokens", ["account"])
