"""How Alembic runs our migrations: over the connection that `migrate` hands it, inside its transaction."""

from alembic import context

from integration.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transaction_per_migration=False,
)
context.run_migrations()
