"""Settings of every process, from the environment alone. docs/operations.md explains each variable.

Production is the default and has no fallback secret; `make run` sets NEXUS_ENV=development, the tests NEXUS_ENV=test.
"""

from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from nexus_gql import env

BASE_DIR = Path(__file__).resolve().parent.parent

ENVIRONMENT = env.choice("NEXUS_ENV", "production", ("production", "development", "test"))
DEVELOPMENT = ENVIRONMENT == "development"
DEBUG = False
SECRET_KEY = env.text("SECRET_KEY", least=32, right="a secret of at least 32 characters")
SECRET_KEY_FALLBACKS = list(env.words("SECRET_KEY_FALLBACKS", ()))
ALLOWED_HOSTS = list(env.words("ALLOWED_HOSTS", ("localhost", "127.0.0.1", "[::1]")))
PORT = env.number("PORT", 8000, least=1)
PUBLIC_URL = env.url("PUBLIC_URL", ("http", "https"), f"http://127.0.0.1:{PORT}")
DATA_DIR = Path(env.text("NEXUS_DATA_DIR", str(BASE_DIR / ".nexus")))

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.postgres",
    "graphene_django",
    "knowledge",
    "schema",
    "workers",
]
MIDDLEWARE = [
    "nexus_gql.requests.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
]
ROOT_URLCONF = "nexus_gql.urls"
WSGI_APPLICATION = "nexus_gql.wsgi.application"
APPEND_SLASH = False
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_048_576

# Where /graphql/stream is served, when that is another origin than this one.
STREAM_URL = env.url("STREAM_URL", ("http", "https"), None)
# Whose pages may read it from there, beside PUBLIC_URL's: addresses.
STREAM_ORIGINS = env.words("STREAM_ORIGINS", (f"http://localhost:{PORT}",) if DEVELOPMENT else ())
# Between two signs of life; proxies cut connections that are silent for longer.
STREAM_HEARTBEAT_SECONDS = env.number("STREAM_HEARTBEAT_SECONDS", 12, least=1)

# ── database ────────────────────────────────────────────────────────────────────────────────────────────────────────
STATEMENT_TIMEOUT_MS = env.number("STATEMENT_TIMEOUT_MS", 5_000)


def _database(address: env.DatabaseUrl, *, statement_timeout_ms: int) -> dict[str, Any]:
    """One entry of DATABASES. The time limit comes with the connection, so no statement is spent on it."""
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": address.name,
        "USER": address.user,
        "PASSWORD": address.password,
        "HOST": address.host,
        "PORT": address.port,
        "CONN_MAX_AGE": env.number("CONN_MAX_AGE", 600),
        "OPTIONS": {
            "connect_timeout": 3,
            "options": f"-c statement_timeout={statement_timeout_ms} -c timezone=UTC -c jit=off"
            # How like a word another must be to be offered as its spelling: 0.6 would miss slips in short words.
            " -c pg_trgm.word_similarity_threshold=0.5",
            **address.options,
        },
    }


_primary = env.database("DATABASE_URL")
assert _primary is not None  # noqa: S101 - for the type checker: without a default the reader never answers None
DATABASES = {"default": _database(_primary, statement_timeout_ms=STATEMENT_TIMEOUT_MS)}
# LISTEN, the relay and the migrations need a session of their own, which a transaction pooler does not give.
_direct = env.database("DATABASE_DIRECT_URL", None)
DATABASE_DIRECT = _database(_direct or _primary, statement_timeout_ms=STATEMENT_TIMEOUT_MS)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CACHE_URL = env.url("CACHE_URL", ("redis", "rediss"), None)
# Django's 300 entries would let a few strangers push each other's counts of failed sign-ins out.
_MOST_CACHED = {"MAX_ENTRIES": 100_000}
_REDIS = {
    "BACKEND": "django.core.cache.backends.redis.RedisCache",
    "LOCATION": CACHE_URL,
    # Each request asks it: one that hangs must not hang them all.
    "OPTIONS": {"socket_connect_timeout": 0.5, "socket_timeout": 0.5},
}
_IN_PROCESS = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "OPTIONS": _MOST_CACHED}
_IN_A_FOLDER = {
    "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
    "LOCATION": DATA_DIR / "cache",
    "TIMEOUT": None,
    "OPTIONS": _MOST_CACHED,
}
CACHES: dict[str, dict[str, Any]] = {
    "default": _REDIS if CACHE_URL else _IN_PROCESS,
    # What the web notes here, a worker reads: without Redis they are processes of one machine, and share a folder.
    "shared": _REDIS if CACHE_URL else _IN_PROCESS if ENVIRONMENT == "test" else _IN_A_FOLDER,
}

# ── workers ─────────────────────────────────────────────────────────────────────────────────────────────────────────
RABBITMQ_URL = env.url("RABBITMQ_URL", ("amqp", "amqps"), None)
# Where there is no RabbitMQ, tasks are files in this folder.
BROKER_FOLDER = DATA_DIR / "broker"
# Begins the name of every queue and exchange, so that several installations can share a RabbitMQ.
QUEUE_PREFIX = env.word("NEXUS_QUEUE_PREFIX", "nexus")
EVENTS_EXCHANGE = f"{QUEUE_PREFIX}.events"
# The relay sends tasks through the application that this names.
CELERY_APP = "nexus_gql.celery.app"

# ── identity ────────────────────────────────────────────────────────────────────────────────────────────────────────
AUTH_USER_MODEL = "knowledge.User"
# auth.E003 asks for unique=True on username: here a constraint on its lower case is stricter.
SILENCED_SYSTEM_CHECKS = ["auth.E003"]
# Both are argon2; the tests' costs next to nothing.
PASSWORD_HASHERS = [
    "nexus_gql.passwords.QuickArgon2PasswordHasher"
    if ENVIRONMENT == "test"
    else "django.contrib.auth.hashers.Argon2PasswordHasher"
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("username", "display_name", "email")},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]

# ── tokens ──────────────────────────────────────────────────────────────────────────────────────────────────────────
ACCESS_TOKEN_LIFETIME = timedelta(seconds=env.number("ACCESS_TOKEN_SECONDS", 300, least=1))
REFRESH_TOKEN_LIFETIME = timedelta(days=env.number("REFRESH_TOKEN_DAYS", 30, least=1))
TOKEN_ISSUER = env.text("TOKEN_ISSUER", "nexus")
GRAPHQL_JWT = {
    "JWT_ALGORITHM": "HS256",
    "JWT_ISSUER": TOKEN_ISSUER,
    "JWT_AUDIENCE": f"{TOKEN_ISSUER}/graphql",
    "JWT_VERIFY_EXPIRATION": True,
    "JWT_EXPIRATION_DELTA": ACCESS_TOKEN_LIFETIME,
    "JWT_LONG_RUNNING_REFRESH_TOKEN": True,
    "JWT_REFRESH_EXPIRATION_DELTA": REFRESH_TOKEN_LIFETIME,
    "JWT_REFRESH_TOKEN_MODEL": "knowledge.RefreshToken",
    "JWT_HIDE_TOKEN_FIELDS": True,  # the mutations declare them: null where cookies carry them
    "JWT_PAYLOAD_HANDLER": "schema.identity.tokens.payload",
    "JWT_ENCODE_HANDLER": "schema.identity.tokens.encode",
    "JWT_DECODE_HANDLER": "schema.identity.tokens.decode",
}
# Failures within the window, after which a name or an address has to wait until it is over.
SIGN_IN_WINDOW = timedelta(seconds=env.number("SIGN_IN_WINDOW_SECONDS", 900, least=1))
SIGN_IN_LIMIT_ACCOUNT = env.number("SIGN_IN_LIMIT_ACCOUNT", 10, least=1)
SIGN_IN_LIMIT_ADDRESS = env.number("SIGN_IN_LIMIT_ADDRESS", 50, least=1)

# ── mail ────────────────────────────────────────────────────────────────────────────────────────────────────────────
EMAIL_TIMEOUT = 10
_mail = env.url("EMAIL_URL", ("smtp", "smtps"), None)
if _mail:
    _mail_server = urlsplit(_mail)
    EMAIL_HOST = _mail_server.hostname or "localhost"
    EMAIL_PORT = _mail_server.port or (465 if _mail_server.scheme == "smtps" else 25)
    EMAIL_HOST_USER = unquote(_mail_server.username or "")
    EMAIL_HOST_PASSWORD = unquote(_mail_server.password or "")
    EMAIL_USE_SSL = _mail_server.scheme == "smtps"
elif DEVELOPMENT:
    EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
else:
    # A mail may hold a link that opens an account: rather nowhere than in a log.
    EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
DEFAULT_FROM_EMAIL = env.text("MAIL_FROM", "Nexus <nexus@localhost>")
# The page that links in mails about an account lead to; what they are good for stands behind a #.
ACCOUNT_URL = env.url("ACCOUNT_URL", ("http", "https"), f"{PUBLIC_URL}/graphql")

# ── budgets ─────────────────────────────────────────────────────────────────────────────────────────────────────────
# Whether requests are charged; tests do so where they mean to, or they would spend each other's points.
RATE_LIMIT = env.flag("RATE_LIMIT", ENVIRONMENT != "test")
# Points that a person, or an address without one, may spend in a minute.
RATE_LIMIT_POINTS = env.number("RATE_LIMIT_POINTS", 5_000, least=1)

# ── time, language ──────────────────────────────────────────────────────────────────────────────────────────────────
LANGUAGE_CODE = "en-us"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = False

# ── logs ────────────────────────────────────────────────────────────────────────────────────────────────────────────
LOG_LEVEL = env.choice("LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR"))
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "nexus_gql.logs.JsonFormatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
    "loggers": {
        # Django would add a console and a mail to the admins of its own.
        "django": {"handlers": [], "level": LOG_LEVEL},
        # Tells of each connection's steps and failures, and of messages that nobody listens for; we raise or log those.
        "pika": {"level": "CRITICAL"},
    },
}
