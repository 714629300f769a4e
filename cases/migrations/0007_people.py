import django.contrib.postgres.indexes
from django.conf import settings
from django.contrib.postgres.operations import TrigramExtension
from django.db import migrations, models

import cases.models.case


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0006_meetings"),
        ("grids", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        TrigramExtension(),
        migrations.AddField(
            model_name="case",
            name="accused_persons",
            field=models.ManyToManyField(
                blank=True, related_name="+", to=settings.AUTH_USER_MODEL, verbose_name="accused persons"
            ),
        ),
        migrations.AddField(
            model_name="case",
            name="accused_units",
            field=models.ManyToManyField(
                blank=True, related_name="+", to="grids.department", verbose_name="accused units"
            ),
        ),
        migrations.AddField(
            model_name="case",
            name="keeper",
            field=models.CharField(
                blank=True,
                choices=[
                    ("grid_worker", "Grid worker"),
                    ("intake_officer", "Intake officer"),
                    ("township_dispatcher", "Township dispatcher"),
                    ("township_leader", "Township leader"),
                    ("center_dispatcher", "Center dispatcher"),
                    ("department_handler", "Department handler"),
                    ("department_deputy", "Department deputy head"),
                    ("department_head", "Department head"),
                    ("inspector", "Inspector"),
                    ("petition_officer", "Petition officer"),
                    ("auditor", "Auditor"),
                    ("security_admin", "Security administrator"),
                    ("system_admin", "System administrator"),
                ],
                default="",
                max_length=24,
                verbose_name="kept by",
            ),
        ),
        migrations.AddField(
            model_name="case",
            name="parties",
            field=models.ManyToManyField(
                blank=True, related_name="+", to=settings.AUTH_USER_MODEL, verbose_name="officers concerned"
            ),
        ),
        migrations.AddField(
            model_name="case",
            name="sealed",
            field=models.BooleanField(default=False, verbose_name="sealed"),
        ),
        migrations.AddField(
            model_name="petitioner",
            name="erased_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="erased at"),
        ),
        migrations.AddField(
            model_name="petitioner",
            name="phone_index",
            field=models.CharField(blank=True, default="", max_length=64),
        ),
        migrations.AlterField(
            model_name="case",
            name="outcome",
            field=models.CharField(
                blank=True,
                choices=[
                    ("rated", "Rated"),
                    ("unrated", "Unrated"),
                    ("dissatisfied", "Closed as dissatisfied"),
                    ("verified", "Verified, no petitioner"),
                    ("concluded", "Concluded by its keeper"),
                    ("historic", "Historic"),
                    ("rejected", "Rejected"),
                    ("withdrawn", "Withdrawn"),
                    ("merged", "Merged"),
                ],
                default="",
                max_length=12,
                verbose_name="outcome",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(condition=models.Q(("sealed", True)), fields=["area_code"], name="case_sealed"),
        ),
        migrations.AddIndex(
            model_name="case",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.indexes.OpClass(
                    cases.models.case.MatterText(models.F("title"), models.F("description")), name="gin_trgm_ops"
                ),
                name="case_matter_text",
            ),
        ),
        migrations.AddIndex(
            model_name="journalevent",
            index=models.Index(
                models.OrderBy(models.F("id"), descending=True),
                condition=models.Q(("kind", "unseal")),
                name="journal_unsealed",
            ),
        ),
        migrations.AddIndex(
            model_name="petitioner",
            index=models.Index(
                condition=models.Q(("phone_index", ""), _negated=True), fields=["phone_index"], name="petitioner_phone"
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("keeper", ""), ("sealed", False)),
                    models.Q(("keeper__in", ["inspector", "petition_officer"]), ("sealed", True)),
                    _connector="OR",
                ),
                name="case_sealed_has_its_keeper",
            ),
        ),
    ]
