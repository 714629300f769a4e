"""Indexes of open cases: newest and oldest, and one status in one area."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0021_times_of_statistics"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="case",
            name="case_status_area",
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                models.OrderBy(models.F("received_at"), descending=True),
                models.OrderBy(models.F("id"), descending=True),
                condition=models.Q(("closed_at", None)),
                name="case_open_received",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("closed_at", None)), fields=["status", "area_code"], name="case_open_status_area"
            ),
        ),
    ]
