"""Django's settings for every contestant but Nexus: its models, the same sessions of PostgreSQL, no middleware."""

import os
from urllib.parse import parse_qsl, urlsplit

_database = urlsplit(os.environ["DATABASE_URL"])

SECRET_KEY = os.environ["SECRET_KEY"]
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1"]
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.postgres",
    "knowledge",
    *os.environ.get("BENCH_APPS", "").split(),
]
MIDDLEWARE: list[str] = []
ROOT_URLCONF = os.environ["BENCH_CONTESTANT"]
AUTH_USER_MODEL = "knowledge.User"
SILENCED_SYSTEM_CHECKS = ["auth.E003"]
USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = False
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": _database.path.lstrip("/"),
        "USER": _database.username,
        "PASSWORD": _database.password or "",
        "HOST": _database.hostname,
        "PORT": _database.port or 5432,
        "CONN_MAX_AGE": 600,
        # What decides how PostgreSQL runs a statement is as in nexus_gql.settings.
        "OPTIONS": {"options": "-c timezone=UTC -c jit=off -c work_mem=32MB", **dict(parse_qsl(_database.query))},
    }
}
