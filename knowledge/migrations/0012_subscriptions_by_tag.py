"""Subscriptions are found by the tags that they are about: a name in Python, nothing in the database."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("knowledge", "0011_revisions_compared"),
    ]

    operations = [
        migrations.AlterField(
            model_name="digestsubscription",
            name="tags",
            field=models.ManyToManyField(related_name="digest_subscriptions", to="knowledge.tag"),
        ),
    ]
