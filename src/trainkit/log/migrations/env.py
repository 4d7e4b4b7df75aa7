"""Alembic's entry: runs inside the connection and transaction that :func:`trainkit.log.upgrade.prepare` opened."""

from alembic import context

from trainkit.log.schema import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, transactional_ddl=False)
context.run_migrations()
