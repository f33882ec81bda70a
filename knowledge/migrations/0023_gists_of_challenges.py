from itertools import count
from typing import Any

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
from django.db import migrations, models

from knowledge.text import gist_of

ROWS = 1_000


def keep_gists(apps: Any, schema_editor: Any) -> None:
    """What the challenges that are there are about."""
    challenges = apps.get_model("knowledge", "Challenge").objects
    for first in count(0):
        rows = list(challenges.only("title", "body").order_by("pk")[first * ROWS : (first + 1) * ROWS])
        if not rows:
            return
        for row in rows:
            row.gist = gist_of(row.title, row.body).kept
        challenges.bulk_update(rows, ["gist"])


class Migration(migrations.Migration):
    dependencies = [
        ("knowledge", "0022_tallies"),
    ]

    operations = [
        migrations.AddField(
            model_name="challenge",
            name="gist",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.TextField(),
                blank=True,
                db_default=models.Value([]),
                default=list,
                editable=False,
                size=None,
            ),
        ),
        migrations.AddIndex(
            model_name="challenge",
            index=django.contrib.postgres.indexes.GinIndex(fields=["gist"], name="challenge_gist"),
        ),
        # Last: no column or index is made of a table whose rows have triggers waiting.
        migrations.RunPython(keep_gists, migrations.RunPython.noop, elidable=True),
    ]
