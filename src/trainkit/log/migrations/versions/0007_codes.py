"""How coders have coded what was typed in own words."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add a table; nothing has been coded."""
    op.create_table(
        "codes",
        sa.Column("attempt", sa.String(32), primary_key=True),
        sa.Column("step", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("scheme", sa.String(40), primary_key=True),
        sa.Column("coder", sa.String(80), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("code", sa.String(40)),
        sa.Column("at", sa.String(32), nullable=False),
        sa.ForeignKeyConstraint(["attempt", "step"], ["events.attempt", "events.step"]),
    )
