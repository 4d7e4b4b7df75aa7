"""Questions without a name, and who wants them answered; what a trainer sets may be longer than 200 characters."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add two tables; the controls keep every row."""
    op.create_table(
        "questions",
        sa.Column("question", sa.String(32), primary_key=True),
        sa.Column("workshop", sa.String(32), sa.ForeignKey("workshops.workshop"), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("lang", sa.String(8), nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Index("questions_by_workshop", "workshop", "number", unique=True),
    )
    op.create_table(
        "upvotes",
        sa.Column("question", sa.String(32), sa.ForeignKey("questions.question"), primary_key=True),
        sa.Column("voter", sa.String(64), primary_key=True),
        sa.Index("upvotes_by_voter", "voter"),
    )
    if op.get_bind().dialect.name != "sqlite":
        op.alter_column("controls", "setting", type_=sa.Text)
        return
    # SQLite never minded the length, but changes no column: the same table again, so that old logs and new ones are alike
    op.create_table(
        "controls_anew",
        sa.Column("workshop", sa.String(32), sa.ForeignKey("workshops.workshop"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("setting", sa.Text, nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
    )
    op.execute("INSERT INTO controls_anew SELECT workshop, number, kind, setting, at FROM controls ORDER BY rowid")
    op.drop_table("controls")  # and its triggers, which are made anew after the upgrade
    op.rename_table("controls_anew", "controls")
