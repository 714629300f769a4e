from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("notifications", "0005_channels_follow_configuration")]

    operations = [
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(
                condition=models.Q(("attempts__gt", 0), ("bundle", "storm"), ("state__in", ("waiting", "sending"))),
                fields=["address"],
                name="delivery_storms",
            ),
        ),
    ]
