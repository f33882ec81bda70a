"""Settings of every process, from the environment alone. docs/operations.md explains each variable.

Production is the default and has no fallback secret; `make run` sets NEXUS_ENV=development, the tests NEXUS_ENV=test.
"""

from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

from nexus_gql import env
from nexus_gql.caches import SCHEMES, cache_at

BASE_DIR = Path(__file__).resolve().parent.parent

ENVIRONMENT = env.choice("NEXUS_ENV", "production", ("production", "development", "test"))
DEVELOPMENT = ENVIRONMENT == "development"
DEBUG = False
SECRET_KEY = env.text("SECRET_KEY", least=32, right="a secret of at least 32 characters")
SECRET_KEY_FALLBACKS = list(env.words("SECRET_KEY_FALLBACKS", ()))
ALLOWED_HOSTS = list(env.words("ALLOWED_HOSTS", ("localhost", "127.0.0.1", "[::1]")))
# Where proxies of ours stand; what anybody else forwards about callers is not believed.
TRUSTED_PROXIES = env.networks("TRUSTED_PROXIES", ())
PORT = env.number("PORT", 8000, least=1)
PUBLIC_URL = env.url("PUBLIC_URL", ("http", "https"), f"http://127.0.0.1:{PORT}")
DATA_DIR = Path(env.text("NEXUS_DATA_DIR", str(BASE_DIR / ".nexus")))

INSTALLED_APPS = [
    "staff",  # before Django's admin, whose templates it replaces
    "django.contrib.admin.apps.SimpleAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "graphene_django",
    "knowledge",
    "schema",
    "workers",
]
MIDDLEWARE = [
    "nexus_gql.requests.RequestIdMiddleware",
    "nexus_gql.proxies.ProxiesMiddleware",
]
ROOT_URLCONF = "nexus_gql.urls"
WSGI_APPLICATION = "nexus_gql.wsgi.application"
APPEND_SLASH = False
# For how long browsers shall come by HTTPS alone; 0: they are told nothing.
HSTS_SECONDS = env.number("HSTS_SECONDS", 0)
# Whose pages may read answers, beside our own.
CORS_ORIGINS = env.origins("CORS_ORIGINS", ())
CORS_CREDENTIALS = env.flag("CORS_CREDENTIALS", default=False)
if CORS_CREDENTIALS and "*" in CORS_ORIGINS:
    raise ImproperlyConfigured("CORS_CREDENTIALS is wrong. It must be false where CORS_ORIGINS is *.")
# For how long anybody may keep what nobody had to sign in for; 0: they ask each time whether it is still the same.
HTTP_CACHE_SECONDS = env.number("HTTP_CACHE_SECONDS", 0)

# Where /graphql/stream is served, when that is another origin than this one.
STREAM_URL = env.url("STREAM_URL", ("http", "https"), None)
# Whose pages may read it from there, beside PUBLIC_URL's: addresses.
STREAM_ORIGINS = env.words("STREAM_ORIGINS", (f"http://localhost:{PORT}",) if DEVELOPMENT else ())
# Between two signs of life; proxies cut connections that are silent for longer.
STREAM_HEARTBEAT_SECONDS = env.number("STREAM_HEARTBEAT_SECONDS", 12, least=1)

# ── database ────────────────────────────────────────────────────────────────────────────────────────────────────────
STATEMENT_TIMEOUT_MS = env.number("STATEMENT_TIMEOUT_MS", 5_000)


# "transaction": DATABASE_URL leads to a pooler that lends each transaction another connection.
DATABASE_POOLER = env.choice("DATABASE_POOLER", "none", ("none", "transaction"))


def _database(address: env.DatabaseUrl, *, pooled: bool) -> dict[str, Any]:
    """One entry of DATABASES. Limits come with the connection, so no statement is spent on them.

    One that is only lent has them from its role, and remembers nothing: no prepared statement, no open cursor.
    """
    session = (
        f"-c statement_timeout={STATEMENT_TIMEOUT_MS} -c timezone=UTC -c jit=off -c work_mem=32MB"
        # How like a word another must be to be offered as its spelling: 0.6 would miss slips in short words.
        " -c pg_trgm.word_similarity_threshold=0.5"
        # What a machine that vanished has locked is free after a minute, and not after the system's two hours.
        " -c tcp_keepalives_idle=30 -c tcp_keepalives_interval=10 -c tcp_keepalives_count=3"
    )
    # The tests see prepared whatever they run.
    runs_before = 0 if ENVIRONMENT == "test" else 1
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": address.name,
        "USER": address.user,
        "PASSWORD": address.password,
        "HOST": address.host,
        "PORT": address.port,
        "CONN_MAX_AGE": env.number("CONN_MAX_AGE", 600),
        "DISABLE_SERVER_SIDE_CURSORS": pooled,
        "PREPARE_AFTER": None if pooled else runs_before,
        "OPTIONS": {"connect_timeout": 3, **({} if pooled else {"options": session}), **address.options},
    }


_primary = env.database("DATABASE_URL")
assert _primary is not None  # noqa: S101 - for the type checker: without a default the reader never answers None
DATABASES = {"default": _database(_primary, pooled=DATABASE_POOLER == "transaction")}
# LISTEN, the relay and the migrations need a session of their own, which a transaction pooler does not give.
_direct = env.database("DATABASE_DIRECT_URL", None)
DATABASE_DIRECT = _database(_direct or _primary, pooled=False)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CACHE_URL = env.url("CACHE_URL", SCHEMES, None)
# Django's 300 entries would let a few strangers push each other's counts of failed sign-ins out.
_MOST_CACHED = {"MAX_ENTRIES": 100_000}
_SHARED = cache_at(CACHE_URL) if CACHE_URL else None
_IN_PROCESS = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "OPTIONS": _MOST_CACHED}
_IN_A_FOLDER = {
    "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
    "LOCATION": DATA_DIR / "cache",
    "TIMEOUT": None,
    "OPTIONS": _MOST_CACHED,
}
CACHES: dict[str, dict[str, Any]] = {
    "default": _SHARED or _IN_PROCESS,
    # Documents that clients registered: apart, so that they push nothing else out.
    "documents": _SHARED or {**_IN_PROCESS, "LOCATION": "documents", "OPTIONS": {"MAX_ENTRIES": 1_000}},
    # What the web notes here, a worker reads: without such a cache they share a folder of one machine.
    "shared": _SHARED or (_IN_PROCESS if ENVIRONMENT == "test" else _IN_A_FOLDER),
}

# For how long answers to anonymous queries are kept in the shared cache, unless something changes; 0: not at all.
ANSWER_CACHE_SECONDS = env.number("ANSWER_CACHE_SECONDS", 0)
if ANSWER_CACHE_SECONDS and not CACHE_URL:
    raise ImproperlyConfigured("CACHE_URL is not set. It must be, where ANSWER_CACHE_SECONDS is more than 0.")

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
SILENCED_SYSTEM_CHECKS = [
    # It asks for unique=True on username: here a constraint on its lower case is stricter.
    "auth.E003",
    # They ask for middleware that the admin's views bring along, so that the API does without it (staff.shield).
    "admin.E408",
    "admin.E409",
    "admin.E410",
]
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

# ── admin ───────────────────────────────────────────────────────────────────────────────────────────────────────────
# How long somebody stays signed in there, whatever they do.
ADMIN_SESSION_LIFETIME = timedelta(hours=env.number("ADMIN_SESSION_HOURS", 8, least=1))
# Over plain http, which development and tests speak, browsers take neither Secure cookies nor the prefix, which has
# them take a cookie from this host alone and for all of its paths.
_secure = ENVIRONMENT == "production"
# All that is kept is signed and with the browser; whether a session stands, the database says (staff.sign_in).
SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"
SESSION_COOKIE_NAME = "__Host-nexus-admin" if _secure else "nexus-admin"
SESSION_COOKIE_PATH = "/" if _secure else "/admin/"
SESSION_COOKIE_SECURE = _secure
SESSION_COOKIE_HTTPONLY = True
# Not Strict: who follows a link to the admin would meet the sign-in, and be signed out by it.
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = int(ADMIN_SESSION_LIFETIME.total_seconds())
CSRF_COOKIE_NAME = f"{SESSION_COOKIE_NAME}-forms"
CSRF_COOKIE_PATH = SESSION_COOKIE_PATH
CSRF_COOKIE_SECURE = _secure
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_AGE = None  # as long as the browser is open
# Where TLS ends at a proxy that is not listed as trusted, forms still come from here.
_public = urlsplit(PUBLIC_URL or "")
CSRF_TRUSTED_ORIGINS = [f"{_public.scheme}://{_public.netloc}"]
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
STATIC_URL = "/static/"
# `manage.py collectstatic` fills it: when the image is built, and at each start of `make run`.
STATIC_ROOT = BASE_DIR / ".static"
STORAGES = {"staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}}

# ── tokens ──────────────────────────────────────────────────────────────────────────────────────────────────────────
ACCESS_TOKEN_LIFETIME = timedelta(seconds=env.number("ACCESS_TOKEN_SECONDS", 300, least=1))
REFRESH_TOKEN_LIFETIME = timedelta(days=env.number("REFRESH_TOKEN_DAYS", 30, least=1))
# Whether pages have their tokens in cookies that no script can read, instead of in answers.
TOKEN_COOKIES = env.flag("TOKEN_COOKIES", default=False)
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
# Failures within the window, after which one has to wait until it is over: for a name from one address, for an address
# over all names, and for a name over all addresses where its owner has not been signed in lately.
SIGN_IN_WINDOW = timedelta(seconds=env.number("SIGN_IN_WINDOW_SECONDS", 900, least=1))
SIGN_IN_LIMIT_ACCOUNT = env.number("SIGN_IN_LIMIT_ACCOUNT", 10, least=1)
SIGN_IN_LIMIT_ADDRESS = env.number("SIGN_IN_LIMIT_ADDRESS", 50, least=1)
SIGN_IN_LIMIT_ANYWHERE = env.number("SIGN_IN_LIMIT_ANYWHERE", 100, least=1)
# In an hour: who registers from one address; links by mail that are asked for from one address, and for one mailbox.
REGISTRATION_LIMIT = env.number("REGISTRATION_LIMIT", 60, least=1)
MAIL_LIMIT_ADDRESS = env.number("MAIL_LIMIT_ADDRESS", 100, least=1)
MAIL_LIMIT_RECIPIENT = env.number("MAIL_LIMIT_RECIPIENT", 10, least=1)
# How many sessions somebody may have; one more ends the one that was used least lately.
SESSIONS_MOST = env.number("SESSIONS_MOST", 50, least=1)

# ── the audit trail ─────────────────────────────────────────────────────────────────────────────────────────────────
# How many days it goes back: deeds, and sign-ins with their failures. The database keeps the last 30 whatever is said.
AUDIT_DAYS = env.number("AUDIT_DAYS", 730, least=30)
AUDIT_SIGN_IN_DAYS = env.number("AUDIT_SIGN_IN_DAYS", 180, least=30)

# ── mail ────────────────────────────────────────────────────────────────────────────────────────────────────────────
EMAIL_TIMEOUT = 10
_mail = env.url("EMAIL_URL", ("smtp", "smtp+starttls", "smtps"), None)
# Where not, digests are not mailed, and the ledger says so.
MAIL_ENABLED = bool(_mail) or ENVIRONMENT != "production"
if _mail:
    _mail_server = urlsplit(_mail)
    EMAIL_HOST = _mail_server.hostname or "localhost"
    EMAIL_PORT = _mail_server.port or {"smtps": 465, "smtp+starttls": 587}.get(_mail_server.scheme, 25)
    EMAIL_HOST_USER = unquote(_mail_server.username or "")
    EMAIL_HOST_PASSWORD = unquote(_mail_server.password or "")
    EMAIL_USE_SSL = _mail_server.scheme == "smtps"
    EMAIL_USE_TLS = _mail_server.scheme == "smtp+starttls"
elif DEVELOPMENT:
    EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
else:
    # A mail may hold a link that opens an account: rather nowhere than in a log.
    EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
DEFAULT_FROM_EMAIL = env.text("MAIL_FROM", "Nexus <nexus@localhost>")
# The page that links in mails about an account lead to; what they are good for stands behind a #.
ACCOUNT_URL = env.url("ACCOUNT_URL", ("http", "https"), f"{PUBLIC_URL}/graphql")

# ── documents by hash ───────────────────────────────────────────────────────────────────────────────────────────────
# Whether clients may register documents, and ask for them by hash for so long after their last registration.
PERSISTED_QUERIES = env.flag("PERSISTED_QUERIES", default=True)
PERSISTED_QUERY_SECONDS = env.number("PERSISTED_QUERY_SECONDS", 86_400, least=60)
# A manifest of documents that are known from the start, and whether no others are run but staff's.
TRUSTED_DOCUMENTS = env.text("TRUSTED_DOCUMENTS", "")
TRUSTED_DOCUMENTS_ONLY = env.flag("TRUSTED_DOCUMENTS_ONLY", default=False)
if TRUSTED_DOCUMENTS_ONLY and not TRUSTED_DOCUMENTS:
    raise ImproperlyConfigured("TRUSTED_DOCUMENTS is not set. It must be the path of a manifest.")

# ── limits ──────────────────────────────────────────────────────────────────────────────────────────────────────────
# Of a document: characters, tokens, and what it may hold (schema/rules.py).
LIMIT_DOCUMENT = env.number("LIMIT_DOCUMENT", 100_000, least=1)
LIMIT_TOKENS = env.number("LIMIT_TOKENS", 2_000, least=1)
LIMIT_DEPTH = env.number("LIMIT_DEPTH", 15, least=1)
LIMIT_NESTING = env.number("LIMIT_NESTING", 50, least=1)
LIMIT_ALIASES = env.number("LIMIT_ALIASES", 30)
LIMIT_DIRECTIVES = env.number("LIMIT_DIRECTIVES", 50)
LIMIT_MUTATIONS = env.number("LIMIT_MUTATIONS", 4, least=1)
LIMIT_PASSWORDS = env.number("LIMIT_PASSWORDS", 1, least=1)
LIMIT_INTROSPECTIONS = env.number("LIMIT_INTROSPECTIONS", 1)
LIMIT_OPERATIONS = env.number("LIMIT_OPERATIONS", 20, least=1)
LIMIT_FRAGMENTS = env.number("LIMIT_FRAGMENTS", 100)
LIMIT_VARIABLES = env.number("LIMIT_VARIABLES", 100)
# Of an operation (schema/cost.py), of an answer, of a request.
LIMIT_NODES = env.number("LIMIT_NODES", 10_000, least=1)
LIMIT_RELATIONS = env.number("LIMIT_RELATIONS", 300, least=1)
LIMIT_ERRORS = env.number("LIMIT_ERRORS", 20, least=1)
LIMIT_BODY_BYTES = env.number("LIMIT_BODY_BYTES", 1_048_576, least=1_024)
# The view reads bodies by itself, and looks at the limit first.
DATA_UPLOAD_MAX_MEMORY_SIZE = LIMIT_BODY_BYTES
# After so many seconds a request starts no further statement.
REQUEST_SECONDS = env.number("REQUEST_SECONDS", 15, least=1)
# Requests that a web process works on at once; each has connections of its own. Measured: docs/operations.md.
WEB_THREADS = env.number("WEB_THREADS", 16, least=1)
# A connection on which nothing could be sent for so long is ended: whose it is sends or reads too slowly.
SILENCE_SECONDS = env.number("SILENCE_SECONDS", 60, least=1)
if SILENCE_SECONDS < 2 * STREAM_HEARTBEAT_SECONDS:
    raise ImproperlyConfigured("SILENCE_SECONDS is wrong. It must be twice STREAM_HEARTBEAT_SECONDS or more.")
# Streams that one caller may hold open in a process.
LIMIT_STREAMS = env.number("LIMIT_STREAMS", 20, least=1)
# Rows of a page: the most, and where nothing is said.
PAGE_SIZE_MOST = env.number("PAGE_SIZE_MOST", 100, least=1)
PAGE_SIZE = min(env.number("PAGE_SIZE", 20, least=1), PAGE_SIZE_MOST)

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
FORMAT_MODULE_PATH = "staff.formats"

# ── metrics ─────────────────────────────────────────────────────────────────────────────────────────────────────────
# Whether /metrics tells of requests and queues, and to whom: without a token to whoever asks.
METRICS = env.flag("METRICS", default=False)
METRICS_TOKEN = env.text("METRICS_TOKEN", "", least=16, right="at least 16 characters")
# Whether requests are told of as OpenTelemetry's spans: where its packages are, and its own variables say where to.
_SPANS_GO_TO = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_TRACES_EXPORTER")
TRACES_EXPORTER = env.text("OTEL_TRACES_EXPORTER", "otlp_proto_http")
TRACING = env.flag(
    "TRACING",
    # "none" is OpenTelemetry's word for nowhere.
    default=TRACES_EXPORTER != "none"
    and find_spec("opentelemetry") is not None
    and any(env.text(name, "") for name in _SPANS_GO_TO),
)
if TRACING and find_spec("opentelemetry") is None:
    raise ImproperlyConfigured("TRACING is wrong. It must be false where the extra `tracing` is not installed.")
# Operations that are told of by their names; callers make up others, and all of those are one.
WATCHED_OPERATIONS = frozenset(env.words("WATCHED_OPERATIONS", ()))
# Who is handed each request when it is answered (schema.observing).
WATCHERS = (
    *(("nexus_gql.metrics.observe",) if METRICS else ()),
    *(("nexus_gql.tracing.observe",) if TRACING else ()),
)
# Who is told what came of each attempt to sign in to the admin (staff.watching).
SIGN_IN_WATCHERS = ("nexus_gql.metrics.count_sign_in_to_admin",) if METRICS else ()

# ── logs ────────────────────────────────────────────────────────────────────────────────────────────────────────────
# A plan whose statement takes as long is logged.
SLOW_PLAN_MS = env.number("SLOW_PLAN_MS", 500, least=0)
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
