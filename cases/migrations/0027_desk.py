"""What the desk counts: status and seal of open cases beside their colours, and the times of closing."""

import django.contrib.postgres.indexes
from django.db import migrations, models

STATUSES = [
    ("collected", "Collected"),
    ("docketed", "Docketed"),
    ("dispatched", "Awaiting report-in"),
    ("handling", "Handling"),
    ("answered", "Answered"),
    ("rating", "Awaiting rating"),
    ("closed", "Closed"),
    ("suspended", "Suspended"),
    ("rejected", "Rejected"),
    ("withdrawn", "Withdrawn"),
    ("merged", "Merged"),
]
FOLLOW = """
CREATE OR REPLACE FUNCTION cases_standing_follow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.closed_at IS NOT NULL THEN
        DELETE FROM cases_standing WHERE case_id = NEW.id;
        RETURN NULL;
    END IF;
    UPDATE cases_standing SET colour = NEW.colour, due_at = NEW.due_at, township = left(NEW.area_code, 9),
        status = NEW.status, sealed = NEW.sealed
    WHERE case_id = NEW.id;
    IF NOT FOUND THEN
        INSERT INTO cases_standing (case_id, colour, due_at, township, status, sealed)
        VALUES (NEW.id, NEW.colour, NEW.due_at, left(NEW.area_code, 9), NEW.status, NEW.sealed);
    END IF;
    RETURN NULL;
END $$;
DROP TRIGGER standing_follows ON cases_case;
CREATE TRIGGER standing_follows AFTER UPDATE ON cases_case FOR EACH ROW
    WHEN (NEW.colour <> OLD.colour OR NEW.due_at IS DISTINCT FROM OLD.due_at
          OR NEW.closed_at IS DISTINCT FROM OLD.closed_at OR NEW.area_code <> OLD.area_code
          OR NEW.status <> OLD.status OR NEW.sealed <> OLD.sealed)
    EXECUTE FUNCTION cases_standing_follow();
UPDATE cases_standing s SET status = c.status, sealed = c.sealed FROM cases_case c WHERE c.id = s.case_id;
SET CONSTRAINTS ALL IMMEDIATE;
"""


class Migration(migrations.Migration):
    dependencies = [("cases", "0026_suggestion_choices")]

    operations = [
        migrations.AddField(
            model_name="standing",
            name="status",
            field=models.CharField(choices=STATUSES, db_default="", default="", max_length=12),
        ),
        migrations.AddField(
            model_name="standing", name="sealed", field=models.BooleanField(db_default=False, default=False)
        ),
        migrations.RunSQL(FOLLOW, migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name="case",
            index=django.contrib.postgres.indexes.BrinIndex(
                autosummarize=True, fields=["closed_at"], name="case_closings", pages_per_range=16
            ),
        ),
    ]
