"""The log as version 0.1.0 made it: cases, translations, attempts, events. Nothing to do: it is where one begins."""

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Nothing: a log without a version number is this one."""
