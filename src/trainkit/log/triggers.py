"""What does the database itself refuse? Changed and replaced rows, and gaps between events."""

from __future__ import annotations

from trainkit.log.schema import metadata


def _sqlite_rules() -> list[str]:
    """Triggers that refuse changing a row or putting another in its place, and a gap between events.

    Deleting is left open: a participant may be erased.
    """
    statements = []
    for table in metadata.sorted_tables:
        same = " AND ".join(f"{key.name} = NEW.{key.name}" for key in table.primary_key)
        refuse = "BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END"
        statements.append(f"CREATE TRIGGER IF NOT EXISTS {table}_no_update BEFORE UPDATE ON {table} {refuse}")
        statements.append(
            f"CREATE TRIGGER IF NOT EXISTS {table}_no_replace BEFORE INSERT ON {table} "
            f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {same}) {refuse}"
        )
    statements.append(
        "CREATE TRIGGER IF NOT EXISTS events_no_gap BEFORE INSERT ON events "
        "WHEN NEW.step > 0 AND NOT EXISTS (SELECT 1 FROM events WHERE attempt = NEW.attempt AND step = NEW.step - 1) "
        "BEGIN SELECT RAISE(ABORT, 'a step is missing before this one'); END"
    )
    return statements


def _postgresql_rules() -> list[str]:
    """The same for PostgreSQL, where replacing a row is an update."""
    statements = [
        "CREATE OR REPLACE FUNCTION trainkit_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "RAISE EXCEPTION 'the log is append-only' USING ERRCODE = 'integrity_constraint_violation'; END $$",
        "CREATE OR REPLACE FUNCTION trainkit_no_gap() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "IF NEW.step > 0 AND NOT EXISTS (SELECT 1 FROM events WHERE attempt = NEW.attempt AND step = NEW.step - 1) "
        "THEN RAISE EXCEPTION 'a step is missing before this one' USING ERRCODE = 'integrity_constraint_violation'; "
        "END IF; RETURN NEW; END $$",
    ]
    for table in metadata.sorted_tables:
        statements.append(f"DROP TRIGGER IF EXISTS {table}_no_update ON {table}")
        statements.append(
            f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION trainkit_append_only()"
        )
    statements.append("DROP TRIGGER IF EXISTS events_no_gap ON events")
    statements.append(
        "CREATE TRIGGER events_no_gap BEFORE INSERT ON events FOR EACH ROW EXECUTE FUNCTION trainkit_no_gap()"
    )
    return statements


APPEND_ONLY = {"sqlite": _sqlite_rules, "postgresql": _postgresql_rules}


KINDS_OF_DATABASE = tuple(APPEND_ONLY)
