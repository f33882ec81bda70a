"""An index for what was published in a window of time."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("knowledge", "0019_common_words")]

    operations = [
        migrations.AddIndex(
            model_name="entry",
            index=models.Index(
                condition=models.Q(("status", "PUBLISHED")), fields=["published_at"], name="entry_published_within"
            ),
        ),
    ]
