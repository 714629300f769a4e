"""Errands of officers: files that the worker makes and reads; exports say whether they came to their end."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import notifications.encryption

#: Until now a note was written of what was sent at once; that it was complete is the best that is known of it.
COMPLETE = "UPDATE cases_exportnote SET finished_at = at; SET CONSTRAINTS ALL IMMEDIATE;"


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0024_without_times_of_statistics"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="exportnote",
            name="fetched_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="fetched at"),
        ),
        migrations.AddField(
            model_name="exportnote",
            name="finished_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="complete at"),
        ),
        migrations.RunSQL(COMPLETE, migrations.RunSQL.noop),
        migrations.CreateModel(
            name="Errand",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("export", "Export of cases"),
                            ("cases", "Import of cases"),
                            ("posts", "Import of users and posts"),
                        ],
                        max_length=10,
                        verbose_name="kind",
                    ),
                ),
                ("key", models.UUIDField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "Columns to be named"),
                            ("waiting", "Waiting for its turn"),
                            ("working", "Under way"),
                            ("checked", "Checked, to be confirmed"),
                            ("done", "Done"),
                            ("failed", "Failed"),
                            ("expired", "Expired"),
                        ],
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("options", models.JSONField(default=dict)),
                (
                    "case_ids",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), default=list, size=None
                    ),
                ),
                ("shown", notifications.encryption.EncryptedTextField(blank=True, default="")),
                ("source", models.CharField(blank=True, default="", max_length=32)),
                ("source_name", models.CharField(blank=True, default="", max_length=120, verbose_name="file")),
                ("result", models.CharField(blank=True, default="", max_length=32)),
                ("size", models.PositiveIntegerField(default=0, verbose_name="size")),
                ("posts", models.JSONField(default=list)),
                ("total", models.PositiveIntegerField(default=0, verbose_name="rows")),
                ("done", models.PositiveIntegerField(default=0, verbose_name="done")),
                ("counts", models.JSONField(default=dict)),
                ("trouble", models.CharField(blank=True, default="", max_length=300, verbose_name="trouble")),
                ("attempt", models.PositiveSmallIntegerField(default=0)),
                ("asked_at", models.DateTimeField(verbose_name="asked at")),
                ("begun_at", models.DateTimeField(null=True, verbose_name="begun at")),
                ("alive_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True, verbose_name="ended at")),
                (
                    "note",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="errand",
                        to="cases.exportnote",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="user",
                    ),
                ),
            ],
            options={
                "verbose_name": "errand",
                "verbose_name_plural": "errands",
                "ordering": ["-id"],
                "indexes": [
                    models.Index(fields=["user", "-id"], name="errand_own"),
                    models.Index(
                        condition=models.Q(("state", "waiting")), fields=["asked_at", "id"], name="errand_waiting"
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("user", "key"), name="errand_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "working")), fields=("state",), name="errand_one_at_a_time"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "working"), _negated=True), ("alive_at__isnull", False), _connector="OR"
                        ),
                        name="errand_working_gives_signs_of_life",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("result", ""), ("state__in", ["checked", "done"]), _connector="OR"),
                        name="errand_result_when_done",
                    ),
                ],
            },
        ),
    ]
