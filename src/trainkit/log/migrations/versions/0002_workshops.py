"""Workshops: who joined which, what the trainer did, and whose attempt it is."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add three tables and two columns; what is there stays as it is."""
    op.create_table(
        "workshops",
        sa.Column("workshop", sa.String(32), primary_key=True),
        sa.Column("code", sa.String(6), nullable=False, unique=True),
        sa.Column("cases", sa.Text, nullable=False),
        sa.Column("lang", sa.String(8), nullable=False),
        sa.Column("feedback", sa.String(8), nullable=False),
        sa.Column("back_allowed", sa.Boolean, nullable=False),
        sa.Column("own_words", sa.Boolean, nullable=False),
        sa.Column("ask_why", sa.Boolean, nullable=False),
        sa.Column("consent", sa.Text),
        sa.Column("places", sa.Integer, nullable=False),
        sa.Column("started_at", sa.String(32), nullable=False),
    )
    op.create_table(
        "controls",
        sa.Column("workshop", sa.String(32), sa.ForeignKey("workshops.workshop"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("setting", sa.String(200), nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
    )
    op.create_table(
        "members",
        sa.Column("member", sa.String(32), primary_key=True),
        sa.Column("workshop", sa.String(32), sa.ForeignKey("workshops.workshop"), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("pair", sa.Boolean, nullable=False),
        sa.Column("lang", sa.String(8), nullable=False),
        sa.Column("secret_hash", sa.String(64), nullable=False, unique=True),
        sa.Column("link_hash", sa.String(64), nullable=False, unique=True),
        sa.Column("joined_at", sa.String(32), nullable=False),
        sa.Index("members_by_workshop", "workshop"),
    )
    member = "VARCHAR(32) REFERENCES members (member)"
    op.execute(f"ALTER TABLE attempts ADD COLUMN member {member}")  # both databases take it, and it rewrites no row
    op.execute("ALTER TABLE attempts ADD COLUMN run INTEGER")
    op.create_index("attempts_by_member", "attempts", ["member", "run"], unique=True)
