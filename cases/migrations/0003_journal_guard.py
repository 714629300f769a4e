"""What the ORM cannot say: the number sequence, the append-only journal, room for updates in place."""

from django.db import migrations

# Numbers are given once and never again; a rolled-back creation leaves a gap.
SEQUENCE = "CREATE SEQUENCE cases_number AS bigint MINVALUE 1 MAXVALUE 9999999999 NO CYCLE"

# Refuses every change of the journal for every database user, the application's own included. The one switch is the
# setting whistle.journal_maintenance (a reason), made for a transaction by cases.journal.maintenance(); a change that
# it lets through is written down by the second function. See docs/journal.md.
GUARD = """
CREATE FUNCTION cases_journal_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF coalesce(current_setting('whistle.journal_maintenance', true), '') = '' THEN
        RAISE EXCEPTION 'the journal is append-only: % on % refused', TG_OP, TG_TABLE_NAME
            USING ERRCODE = 'insufficient_privilege',
                  HINT = 'Retention and test resets use the documented maintenance switch (docs/journal.md).';
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION cases_journal_note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO cases_journalmaintenance (at, database_user, operation, reason)
    VALUES (clock_timestamp(), session_user, TG_OP,
            TG_TABLE_NAME || ': ' || current_setting('whistle.journal_maintenance'));
    RETURN NULL;
END $$;
"""

# BEFORE … STATEMENT also refuses a change that would have met no row.
TRIGGERS = """
CREATE TRIGGER journal_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON cases_journalevent
    FOR EACH STATEMENT EXECUTE FUNCTION cases_journal_guard();
CREATE TRIGGER journal_change_noted AFTER UPDATE OR DELETE OR TRUNCATE ON cases_journalevent
    FOR EACH STATEMENT EXECUTE FUNCTION cases_journal_note();
CREATE TRIGGER maintenance_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON cases_journalmaintenance
    FOR EACH STATEMENT EXECUTE FUNCTION cases_journal_guard();
CREATE TRIGGER maintenance_change_noted AFTER UPDATE OR DELETE OR TRUNCATE ON cases_journalmaintenance
    FOR EACH STATEMENT EXECUTE FUNCTION cases_journal_note();
"""

# Versions are immutable (domain.md, glossary): a case keeps the limits it began with.
IMMUTABLE = """
CREATE FUNCTION cases_version_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a published version is immutable: % on % refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER policy_immutable BEFORE UPDATE OR DELETE ON cases_policyversion
    FOR EACH STATEMENT EXECUTE FUNCTION cases_version_guard();
CREATE TRIGGER calendar_immutable BEFORE UPDATE OR DELETE ON cases_calendarversion
    FOR EACH STATEMENT EXECUTE FUNCTION cases_version_guard();
"""

# Every action and every alert updates these rows: room on the page keeps the updates off the indexes (stack.md).
FILLFACTOR = """
ALTER TABLE cases_case SET (fillfactor = 80);
ALTER TABLE cases_clock SET (fillfactor = 80);
"""


class Migration(migrations.Migration):
    dependencies = [("cases", "0002_initial")]

    operations = [
        migrations.RunSQL(SEQUENCE, "DROP SEQUENCE cases_number"),
        migrations.RunSQL(
            GUARD, "DROP FUNCTION cases_journal_guard() CASCADE; DROP FUNCTION cases_journal_note() CASCADE"
        ),
        migrations.RunSQL(TRIGGERS, migrations.RunSQL.noop),
        migrations.RunSQL(IMMUTABLE, "DROP FUNCTION cases_version_guard() CASCADE"),
        migrations.RunSQL(FILLFACTOR, migrations.RunSQL.noop),
    ]
