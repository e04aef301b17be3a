"""The database itself refuses to change or delete audit events."""

from django.db import migrations

SQLITE = [
    """CREATE TRIGGER core_auditevent_no_{low} BEFORE {op} ON core_auditevent
    BEGIN SELECT RAISE(ABORT, 'audit events are append-only'); END"""
]
POSTGRES_FUNCTION = """CREATE FUNCTION core_auditevent_refuse() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'audit events are append-only'; END $$"""
POSTGRES_TRIGGER = """CREATE TRIGGER core_auditevent_append_only
BEFORE UPDATE OR DELETE ON core_auditevent FOR EACH ROW EXECUTE FUNCTION core_auditevent_refuse()"""


def forbid(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(POSTGRES_FUNCTION)
        schema_editor.execute(POSTGRES_TRIGGER)
        return
    for operation in ("UPDATE", "DELETE"):
        schema_editor.execute(SQLITE[0].format(low=operation.lower(), op=operation))


def allow(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP TRIGGER core_auditevent_append_only ON core_auditevent")
        schema_editor.execute("DROP FUNCTION core_auditevent_refuse()")
        return
    for operation in ("update", "delete"):
        schema_editor.execute(f"DROP TRIGGER core_auditevent_no_{operation}")


class Migration(migrations.Migration):
    dependencies = [("core", "0001_workspaces")]
    operations = [migrations.RunPython(forbid, allow)]
