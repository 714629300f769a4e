"""What phones must hear of since they last asked (ADR 0023)."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# Whatever changes a case, an action, a sweep or a repair, leaves its mark in the same statement, as with an index.
CHANGES = """
CREATE FUNCTION cases_change_follow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO cases_change (case_id, xid) SELECT id, pg_current_xact_id()::text::bigint FROM changed
    ON CONFLICT (case_id) DO UPDATE SET xid = excluded.xid WHERE cases_change.xid <> excluded.xid;
    RETURN NULL;
END $$;
CREATE TRIGGER change_begins AFTER INSERT ON cases_case REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION cases_change_follow();
CREATE TRIGGER change_follows AFTER UPDATE ON cases_case REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION cases_change_follow();
INSERT INTO cases_change (case_id, xid) SELECT id, pg_current_xact_id()::text::bigint FROM cases_case;
"""
# The counterpart of cases/access.py: what opened a case to somebody and does so no longer; a property test holds the
# two together. Keepers of sealed cases are compared one by one (cases/actions/sealing.py): the accused among them
# never saw the case and must not hear of it now.
DEPARTURES = """
CREATE FUNCTION cases_departed(of_case bigint, kind text, area text, unit bigint, person bigint) RETURNS void
LANGUAGE sql AS $$
    INSERT INTO cases_departure (case_id, xid, audience, area_code, department_id, user_id, at)
    VALUES (of_case, pg_current_xact_id()::text::bigint, kind, area, unit, person, statement_timestamp())
$$;

CREATE FUNCTION cases_case_departs() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    elsewhere constant boolean := NEW.sealed OR NEW.area_code <> OLD.area_code;
BEGIN
    IF elsewhere THEN
        PERFORM cases_departed(OLD.id, 'area', OLD.area_code, NULL, NULL);
    END IF;
    IF OLD.type IN ('petition', 'recheck', 'review', 'suggestion') AND (elsewhere OR NEW.type <> OLD.type) THEN
        PERFORM cases_departed(OLD.id, 'petitions', OLD.area_code, NULL, NULL);
    END IF;
    IF NEW.sealed THEN
        PERFORM cases_departed(OLD.id, 'person', '', NULL, OLD.created_by_id) WHERE OLD.created_by_id IS NOT NULL;
        PERFORM cases_departed(OLD.id, 'department', '', held.department_id, NULL) FROM (
            SELECT department_id FROM cases_assignment WHERE case_id = OLD.id AND state IN ('disputed', 'finished', 'waiting', 'working')
            UNION SELECT department_id FROM cases_supervisionorder WHERE case_id = OLD.id AND signed_off_at IS NULL
        ) AS held;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER case_departs AFTER UPDATE OF sealed, area_code, type ON cases_case FOR EACH ROW
    WHEN (NOT OLD.sealed AND (NEW.sealed OR NEW.area_code <> OLD.area_code OR NEW.type <> OLD.type))
    EXECUTE FUNCTION cases_case_departs();

CREATE FUNCTION cases_part_departs() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM cases_departed(OLD.case_id, 'department', '', OLD.department_id, NULL)
    FROM cases_case c WHERE c.id = OLD.case_id AND NOT c.sealed;
    RETURN NULL;
END $$;
CREATE TRIGGER part_departs AFTER UPDATE OF state ON cases_assignment FOR EACH ROW
    WHEN (OLD.state IN ('disputed', 'finished', 'waiting', 'working') AND NEW.state NOT IN ('disputed', 'finished', 'waiting', 'working'))
    EXECUTE FUNCTION cases_part_departs();
CREATE TRIGGER order_departs AFTER UPDATE OF signed_off_at ON cases_supervisionorder FOR EACH ROW
    WHEN (OLD.signed_off_at IS NULL AND NEW.signed_off_at IS NOT NULL)
    EXECUTE FUNCTION cases_part_departs();
"""
WITHOUT = """
DROP TRIGGER change_begins ON cases_case;
DROP TRIGGER change_follows ON cases_case;
DROP TRIGGER case_departs ON cases_case;
DROP TRIGGER part_departs ON cases_assignment;
DROP TRIGGER order_departs ON cases_supervisionorder;
DROP FUNCTION cases_change_follow();
DROP FUNCTION cases_case_departs();
DROP FUNCTION cases_part_departs();
DROP FUNCTION cases_departed(bigint, text, text, bigint, bigint);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0019_search"),
        ("grids", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Change",
            fields=[
                (
                    "case",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="change",
                        serialize=False,
                        to="cases.case",
                        verbose_name="case",
                    ),
                ),
                ("xid", models.BigIntegerField()),
            ],
            options={
                "verbose_name": "change",
                "verbose_name_plural": "changes",
                "indexes": [models.Index(fields=["xid", "case"], name="change_in_order")],
            },
        ),
        migrations.CreateModel(
            name="Departure",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("xid", models.BigIntegerField()),
                (
                    "audience",
                    models.CharField(
                        choices=[
                            ("area", "area"),
                            ("petitions", "petitions of an area"),
                            ("department", "department"),
                            ("person", "person"),
                        ],
                        max_length=12,
                        verbose_name="audience",
                    ),
                ),
                ("area_code", models.CharField(blank=True, default="", max_length=16)),
                ("at", models.DateTimeField(verbose_name="at")),
                (
                    "case",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="cases.case",
                    ),
                ),
                (
                    "department",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="grids.department",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "departure",
                "verbose_name_plural": "departures",
                "indexes": [
                    models.Index(fields=["xid", "case"], name="departure_in_order"),
                    models.Index(fields=["at"], name="departure_at"),
                ],
            },
        ),
        migrations.RunSQL(CHANGES + DEPARTURES, WITHOUT),
    ]
