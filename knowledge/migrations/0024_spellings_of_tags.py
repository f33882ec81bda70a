from django.db import migrations, models

import knowledge.models.tags


class Migration(migrations.Migration):
    dependencies = [
        ("knowledge", "0023_gists_of_challenges"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="tagalias",
            index=models.Index(knowledge.models.tags.Squeezed("slug"), name="tag_alias_squeezed"),
        ),
    ]
