"""What came from other logs: from which, whose runs, and who they are."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add three tables; nothing that is there came from elsewhere."""
    op.create_table(
        "imports",
        sa.Column("import_id", sa.String(32), primary_key=True),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
    )
    op.create_table(
        "imported_people",
        sa.Column("person", sa.String(32), primary_key=True),
        sa.Column("participant", sa.String(80)),
        sa.Column("workshop", sa.String(32)),
        sa.Column("team", sa.Text),
        sa.Column("pair", sa.Boolean, nullable=False),
        sa.Column("lang", sa.String(8)),
        sa.Column("joined_at", sa.String(32), nullable=False),
        sa.Column("removed", sa.Boolean, nullable=False),
        sa.Column("anonymous", sa.Boolean, nullable=False),
    )
    op.create_table(
        "imported",
        sa.Column("attempt", sa.String(32), sa.ForeignKey("attempts.attempt"), primary_key=True),
        sa.Column("import_id", sa.String(32), sa.ForeignKey("imports.import_id"), nullable=False),
        sa.Column("person", sa.String(32), sa.ForeignKey("imported_people.person"), nullable=False),
    )
    op.create_index("imported_by_person", "imported", ["person"])
