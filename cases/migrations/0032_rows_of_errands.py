"""Errands keep the rows of any table, and what rows behind a figure are counted for."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0031_name_index_filled"),
    ]

    operations = [
        migrations.RenameField(model_name="errand", old_name="case_ids", new_name="row_ids"),
        migrations.AddField(
            model_name="errand",
            name="moments",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.DateTimeField(null=True), default=list, size=None
            ),
        ),
        migrations.AlterField(
            model_name="errand",
            name="kind",
            field=models.CharField(
                choices=[
                    ("export", "Export of a list"),
                    ("cases", "Import of cases"),
                    ("posts", "Import of users and posts"),
                ],
                max_length=10,
                verbose_name="kind",
            ),
        ),
    ]
