"""Colours within a township: the list of yellow cases there reads the page and no more (ADR 0017)."""

from django.db import migrations, models
from django.db.models.expressions import OrderBy

FOLLOW = """
CREATE OR REPLACE FUNCTION cases_standing_follow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.closed_at IS NOT NULL THEN
        DELETE FROM cases_standing WHERE case_id = NEW.id;
        RETURN NULL;
    END IF;
    UPDATE cases_standing SET colour = NEW.colour, due_at = NEW.due_at, township = left(NEW.area_code, 9)
    WHERE case_id = NEW.id;
    IF NOT FOUND THEN
        INSERT INTO cases_standing (case_id, colour, due_at, township)
        VALUES (NEW.id, NEW.colour, NEW.due_at, left(NEW.area_code, 9));
    END IF;
    RETURN NULL;
END $$;
DROP TRIGGER standing_follows ON cases_case;
CREATE TRIGGER standing_follows AFTER UPDATE ON cases_case FOR EACH ROW
    WHEN (NEW.colour <> OLD.colour OR NEW.due_at IS DISTINCT FROM OLD.due_at
          OR NEW.closed_at IS DISTINCT FROM OLD.closed_at OR NEW.area_code <> OLD.area_code)
    EXECUTE FUNCTION cases_standing_follow();
UPDATE cases_standing s SET township = left(c.area_code, 9) FROM cases_case c WHERE c.id = s.case_id;
SET CONSTRAINTS ALL IMMEDIATE;
"""


class Migration(migrations.Migration):
    dependencies = [("cases", "0022_open_lists")]

    operations = [
        migrations.AddField(model_name="standing", name="township", field=models.CharField(default="", max_length=9)),
        migrations.RunSQL(FOLLOW, migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name="standing",
            index=models.Index(
                models.F("township"),
                OrderBy(models.F("colour"), descending=True),
                models.F("due_at"),
                models.F("case"),
                name="standing_township",
            ),
        ),
    ]
