"""Workshops, members and attempts are numbered in the order in which they came; how facts were drawn stands in attempts."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

WHEN = {"workshops": "started_at", "members": "joined_at", "attempts": "started_at"}


def upgrade() -> None:
    """Add a number to three tables; what is there is numbered by its time, which was its order until now."""
    sqlite = op.get_bind().dialect.name == "sqlite"
    for table, at in WHEN.items():
        op.add_column(table, sa.Column("number", sa.BigInteger, nullable=False, server_default="0"))
        # no row may be changed: what refuses it is made anew after the upgrade
        op.execute(f"DROP TRIGGER IF EXISTS {table}_no_update" + ("" if sqlite else f" ON {table}"))
        key = table.removesuffix("s")
        order = f"SELECT {key} AS this, row_number() OVER (ORDER BY {at}, {key}) AS n FROM {table}"
        op.execute(f"UPDATE {table} SET number = ordered.n FROM ({order}) AS ordered WHERE {key} = ordered.this")
        op.create_index(f"{table}_by_number", table, ["number"])
    # until now everybody's facts were drawn for them alone
    op.add_column("attempts", sa.Column("drawn", sa.String(8), nullable=False, server_default="own"))
