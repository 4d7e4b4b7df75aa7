"""By which rules an attempt's facts were drawn: since now a fixed fact conditions those before it as well."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add a column; attempts that are there were drawn by the first rules, and are replayed by them."""
    op.add_column("attempts", sa.Column("draw_version", sa.Integer, nullable=False, server_default="1"))
