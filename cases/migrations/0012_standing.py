"""Colours of open cases in a table of their own, and fewer indexes on what a sweep changes (ADR 0017)."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import cases.colours

# The table is an index that the database keeps: whoever changes a case, its standing follows in the same statement.
FOLLOW = """
CREATE FUNCTION cases_standing_follow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.closed_at IS NOT NULL THEN
        DELETE FROM cases_standing WHERE case_id = NEW.id;
        RETURN NULL;
    END IF;
    UPDATE cases_standing SET colour = NEW.colour, due_at = NEW.due_at WHERE case_id = NEW.id;
    IF NOT FOUND THEN
        INSERT INTO cases_standing (case_id, colour, due_at) VALUES (NEW.id, NEW.colour, NEW.due_at);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER standing_begins AFTER INSERT ON cases_case FOR EACH ROW
    WHEN (NEW.closed_at IS NULL) EXECUTE FUNCTION cases_standing_follow();
CREATE TRIGGER standing_follows AFTER UPDATE ON cases_case FOR EACH ROW
    WHEN (NEW.colour <> OLD.colour OR NEW.due_at IS DISTINCT FROM OLD.due_at
          OR NEW.closed_at IS DISTINCT FROM OLD.closed_at)
    EXECUTE FUNCTION cases_standing_follow();
"""
FILL = """
INSERT INTO cases_standing (case_id, colour, due_at) SELECT id, colour, due_at FROM cases_case WHERE closed_at IS NULL;
SET CONSTRAINTS ALL IMMEDIATE;
"""
# Every alert changes a row of it: room on the page, as on cases and clocks.
FILLFACTOR = "ALTER TABLE cases_standing SET (fillfactor = 80)"


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0011_sweep_figures"),
        ("grids", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Standing",
            fields=[
                (
                    "case",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="standing",
                        serialize=False,
                        to="cases.case",
                        verbose_name="case",
                    ),
                ),
                (
                    "colour",
                    models.PositiveSmallIntegerField(
                        choices=[(0, "On time"), (1, "Blue notice"), (2, "Yellow warning"), (3, "Red alert")],
                        verbose_name="colour",
                    ),
                ),
                ("due_at", models.DateTimeField(blank=True, null=True, verbose_name="due")),
            ],
            options={
                "verbose_name": "standing",
                "verbose_name_plural": "standings",
            },
        ),
        migrations.RemoveConstraint(
            model_name="case",
            name="case_source_number_once",
        ),
        migrations.RemoveIndex(
            model_name="case",
            name="case_open_colour_due",
        ),
        migrations.AlterField(
            model_name="alert",
            name="acknowledged_by",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="acknowledged by",
            ),
        ),
        migrations.AlterField(
            model_name="alert",
            name="annulled_by",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="annulled by",
            ),
        ),
        migrations.AlterField(
            model_name="alert",
            name="charged",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="grids.department",
                verbose_name="charged unit",
            ),
        ),
        migrations.AlterField(
            model_name="alert",
            name="order",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="alerts",
                to="cases.supervisionorder",
                verbose_name="supervision order",
            ),
        ),
        migrations.AlterField(
            model_name="alert",
            name="plan_by",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="plan handed in by",
            ),
        ),
        migrations.AlterField(
            model_name="case",
            name="area",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="grids.area",
                verbose_name="area",
            ),
        ),
        migrations.AlterField(
            model_name="case",
            name="created_by",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="collected by",
            ),
        ),
        migrations.AlterField(
            model_name="case",
            name="dispatch_unit",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="grids.department",
                verbose_name="dispatching unit",
            ),
        ),
        migrations.AlterField(
            model_name="case",
            name="master",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="merged",
                to="cases.case",
                verbose_name="master case",
            ),
        ),
        migrations.AlterField(
            model_name="case",
            name="policy",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="cases.policyversion",
                verbose_name="policy version",
            ),
        ),
        migrations.AlterField(
            model_name="clock",
            name="assignment",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="clocks",
                to="cases.assignment",
                verbose_name="assignment",
            ),
        ),
        migrations.AlterField(
            model_name="clock",
            name="charged",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="grids.department",
                verbose_name="charged unit",
            ),
        ),
        migrations.AlterField(
            model_name="clock",
            name="order",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="clocks",
                to="cases.supervisionorder",
                verbose_name="supervision order",
            ),
        ),
        migrations.AlterField(
            model_name="journalevent",
            name="actor",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="actor",
            ),
        ),
        migrations.AlterField(
            model_name="supervisionorder",
            name="answered_by",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="answered by",
            ),
        ),
        migrations.AlterField(
            model_name="supervisionorder",
            name="opened_by",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="opened by",
            ),
        ),
        migrations.AlterField(
            model_name="supervisionorder",
            name="person",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="person in charge",
            ),
        ),
        migrations.AlterField(
            model_name="supervisionorder",
            name="signed_off_by",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="signed off by",
            ),
        ),
        migrations.AddIndex(
            model_name="alert",
            index=models.Index(condition=models.Q(("order__isnull", False)), fields=["order"], name="alert_order"),
        ),
        migrations.AddIndex(
            model_name="alert",
            index=models.Index(
                condition=models.Q(("annulled_at", None), ("colour", cases.colours.Colour["RED"])),
                fields=["charged", "moment"],
                name="alert_red",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(condition=models.Q(("master__isnull", False)), fields=["master"], name="case_merged"),
        ),
        migrations.AddIndex(
            model_name="clock",
            index=models.Index(condition=models.Q(("order__isnull", False)), fields=["order"], name="clock_order"),
        ),
        migrations.AddIndex(
            model_name="clock",
            index=models.Index(
                condition=models.Q(("colour", cases.colours.Colour["RED"]), ("stopped_at", None)),
                fields=["charged"],
                name="clock_red",
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.UniqueConstraint(
                condition=models.Q(("source_number__isnull", False)),
                fields=("source_system", "source_number"),
                name="case_source_number_once",
            ),
        ),
        migrations.AddIndex(
            model_name="standing",
            index=models.Index(
                models.OrderBy(models.F("colour"), descending=True),
                models.F("due_at"),
                models.F("case"),
                name="standing_worst",
            ),
        ),
        migrations.RunSQL(FOLLOW, "DROP FUNCTION cases_standing_follow() CASCADE"),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.RunSQL(FILLFACTOR, migrations.RunSQL.noop),
    ]
