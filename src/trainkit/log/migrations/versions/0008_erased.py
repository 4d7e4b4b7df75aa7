"""Who was erased, as marks from which no name can be read; from now on the database refuses deleting, too."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Add a table; nobody was erased before there was a way to."""
    op.create_table(
        "erased",
        sa.Column("mark", sa.String(64), primary_key=True),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
    )
