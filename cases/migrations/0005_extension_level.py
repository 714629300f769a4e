from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0004_side_paths"),
    ]

    operations = [
        migrations.AddField(
            model_name="extensionrequest",
            name="level",
            field=models.PositiveSmallIntegerField(
                choices=[
                    (1, "The ordinary approver"),
                    (2, "Township leader or county center"),
                    (3, "County center, in red"),
                ],
                default=1,
                verbose_name="decided by",
            ),
        ),
    ]
