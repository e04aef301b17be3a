"""The one settings file: environment-driven, a local console by default, strict as a server.

`MLCONSOLE_MODE=local` (the default) runs on loopback with secrets generated into the data
directory. `MLCONSOLE_MODE=server` refuses to start without its own secret, hosts and database.
"""

from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured

from core import local

env = environ.Env()

BASE_DIR = Path(__file__).resolve().parent.parent
MODE = env.str("MLCONSOLE_MODE", default="local")
if MODE not in ("local", "server"):
    raise ImproperlyConfigured(f"MLCONSOLE_MODE is {MODE!r}; it must be 'local' or 'server'.")
LOCAL = MODE == "local"
DATA_DIR = Path(env.str("MLCONSOLE_DATA_DIR", default=str(BASE_DIR / "var"))).absolute()
RUNTIME = local.runtime(DATA_DIR) if LOCAL else None
# Set by `up --allow-scripts`: localaws runs the scripts of all workspaces.
ALLOW_SCRIPTS = env.bool("MLCONSOLE_ALLOW_SCRIPTS", default=False)

DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY", default="")
if LOCAL and not SECRET_KEY:
    SECRET_KEY = local.load_secrets(DATA_DIR).secret_key
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
if not LOCAL:
    if DEBUG:
        raise ImproperlyConfigured("DEBUG must be off outside MLCONSOLE_MODE=local.")
    if len(SECRET_KEY) < 50 or len(set(SECRET_KEY)) < 10:
        raise ImproperlyConfigured("SECRET_KEY must be at least 50 random characters.")
    if "ALLOWED_HOSTS" not in env.ENVIRON:
        raise ImproperlyConfigured("ALLOWED_HOSTS must name the hosts this server answers to.")
    if "DATABASE_URL" not in env.ENVIRON:
        raise ImproperlyConfigured("DATABASE_URL must name the PostgreSQL database.")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.admin",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "csp",
    "django_htmx",
    "template_partials",
    "heroicons",
    "ninja",
    "core",
    "datasets",
    "jobs",
    "endpoints",
    "results",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "core.middleware.RequestIdMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "core.middleware.PrivatePagesMiddleware",
    "core.middleware.ActorMiddleware",
    "core.middleware.ErrorsMiddleware",
]

ROOT_URLCONF = "mlconsole.urls"
ASGI_APPLICATION = "mlconsole.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "core.context.console",
            ],
        },
    }
]

SQLITE = {
    "ENGINE": "django.db.backends.sqlite3",
    "NAME": DATA_DIR / "db.sqlite3",
    "TEST": {"NAME": DATA_DIR / "test.sqlite3"},
    "OPTIONS": {
        # Measured: with Django's defaults six writers see "database is locked" hundreds of times.
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    },
}
# No persistent connections: under ASGI each request has a thread, and would leave one behind.
DATABASES = {"default": env.db_url("DATABASE_URL") if "DATABASE_URL" in env.ENVIRON else SQLITE}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.str(
    "REDIS_URL", default=RUNTIME.redis_url if RUNTIME else "redis://127.0.0.1:6379/0"
)
CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_ACKS_LATE = True
# What reads whole files has workers of its own, so that it never delays a status.
CELERY_TASK_ROUTES = {
    name: {"queue": "heavy"}
    for name in (
        "datasets.tasks.import_dataset",
        "datasets.tasks.copy_to_workspace",
        "datasets.tasks.profile_dataset",
        "datasets.tasks.prepare_channels",
        "datasets.tasks.sweep_datasets",
        "endpoints.tasks.run_batch",
        "endpoints.tasks.sweep_batches",
        "results.tasks.run_evaluation",
        "results.tasks.sweep_evaluations",
    )
}
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CONCURRENCY = env.int("WORKER_CONCURRENCY", default=2)
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
# Seconds a running task gets at the end, before it goes back on the queue; `up` stops within five.
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 1 if LOCAL else 5
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_TASK_SOFT_TIME_LIMIT = env.int("TASK_SOFT_TIME_LIMIT", default=3_600)
CELERY_TASK_TIME_LIMIT = CELERY_TASK_SOFT_TIME_LIMIT + 60
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# The broker must answer a web request fast or not at all: the sweep finds what was not nudged.
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": CELERY_TASK_TIME_LIMIT + 60,
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
    "socket_connect_timeout": 2,
    "socket_timeout": 30,
}
CELERY_TASK_PUBLISH_RETRY = False
POLL_SECONDS = env.float("POLL_SECONDS", default=2.0)
# Workspace -> address of an SQS queue that EventBridge sends the state changes of its jobs to.
JOB_EVENT_QUEUES = env.dict("JOB_EVENT_QUEUES", default={})

AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "core.accounts.InvitedOnlyAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = False
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", default=0)
# Where this console is found, for the links that it sends to people.
PUBLIC_URL = (
    env.str("PUBLIC_URL", default="")
    or (RUNTIME.web_url if RUNTIME else "")
    or ("" if LOCAL else f"https://{ALLOWED_HOSTS[0].lstrip('.')}")
).rstrip("/")
# A laptop prints its mail; a server that nobody gave a mail server sends none, and says so.
_mail = env.str("EMAIL_URL", default="")
HAS_MAIL = LOCAL or bool(_mail)
vars().update(env.email_url_config(_mail or "consolemail://"))
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.str("EMAIL_FROM", default="mlconsole@localhost")
# The only hosts that webhooks may call; empty: any that everybody may reach.
WEBHOOK_HOSTS = [host.lower() for host in env.list("WEBHOOK_HOSTS", default=[])]
# Webhooks may also call this machine, without https: for trying things out.
WEBHOOK_LOOPBACK = env.bool("WEBHOOK_LOOPBACK", default=False)
# Rate limits count here: shared by all processes, and signing in works while Redis is down.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "core_cache",
    }
}

SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
SECURE_HTTPS = env.bool("SECURE_HTTPS", default=not LOCAL)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_HTTPS
SECURE_SSL_REDIRECT = SECURE_HTTPS
SECURE_REDIRECT_EXEMPT = [r"^livez$", r"^healthz$"]
SECURE_HSTS_SECONDS = 31_536_000 if SECURE_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SECURE_HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SECURE_HTTPS else None
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"
# Plotly needs style attributes and one empty <style> element (the hash); scripts are ours alone.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "style-src-elem": ["'self'", "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"],
        "style-src-attr": ["'unsafe-inline'"],
        "img-src": ["'self'", "data:", "blob:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}

STATIC_URL = "/static/"
# The local mode serves the files where they are; a server's image collects them when it is built.
STATIC_ROOT = None if LOCAL else Path(env.str("STATIC_ROOT", default=str(BASE_DIR / "staticfiles")))
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "core.static.PackagedFinder",
]
PACKAGED_STATIC = {  # Third-party scripts come out of installed packages.
    "vendor/plotly.min.js": ("plotly", "package_data/plotly.min.js"),
}
WHITENOISE_USE_FINDERS = LOCAL
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if LOCAL
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
# Uploads stream; of a request body only small form fields are held in memory.
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5_000

LANGUAGE_CODE = "en"
USE_I18N = False
USE_TZ = True
TIME_ZONE = "UTC"

LOG_LEVEL = env.str("LOG_LEVEL", default="INFO")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{levelname:<7} {name}: {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
    "loggers": {
        "botocore": {"level": "WARNING"},
        "boto3": {"level": "WARNING"},
        "urllib3": {"level": "WARNING"},
        "httpx": {"level": "WARNING"},
        "fontTools": {"level": "WARNING"},
        "matplotlib": {"level": "WARNING"},
        "uvicorn.access": {"level": "WARNING"},
    },
}

if RUNTIME:
    local.export(RUNTIME)
