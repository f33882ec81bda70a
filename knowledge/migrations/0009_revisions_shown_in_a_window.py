"""Digests look for revisions that came to be shown in their window."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("knowledge", "0008_notifications"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="entryrevision",
            index=models.Index(
                condition=models.Q(("state__in", ["APPROVED", "SUPERSEDED"])),
                fields=["reviewed_at", "entry"],
                name="revision_shown_at",
            ),
        ),
    ]
