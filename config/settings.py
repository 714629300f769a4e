"""Django settings, fed by the environment alone.

`WHISTLE_MODE` says what this process is part of: `production`, `demo` or `test`. Without it the mode is
`production` when `DATABASE_URL` names a server, and `demo` when the embedded services stand in for one:
a server that somebody pays for never runs on demo secrets by accident. In production every secret must be
given; in demo and test they are made once and kept in the private data folder.
"""

import os
from pathlib import Path

from config import rest
from config.channels import channel_settings
from config.environment import (
    data_folder,
    database_settings,
    flag,
    media_folder,
    networks,
    number,
    read_mode,
    read_secrets,
    required_in_production,
    token,
    words,
)
from config.logs import configure_structlog, logging_settings
from config.look import UNFOLD as LOOK

BASE_DIR = Path(__file__).resolve().parent.parent
MODE = read_mode(os.environ)
PRODUCTION = MODE == "production"
SECRETS = read_secrets(os.environ, mode=MODE, base_dir=BASE_DIR)

SECRET_KEY = SECRETS.secret_key
FIELD_KEYS = SECRETS.field_keys  # Fernet keys of the petitioners' fields, newest first
CODE_KEYS = SECRETS.code_keys  # HMAC keys of query codes and request digests, newest first
DEBUG = False
required_in_production(os.environ, "ALLOWED_HOSTS", MODE, otherwise="*")
ALLOWED_HOSTS = words(os.environ, "ALLOWED_HOSTS", otherwise="*")
CSRF_TRUSTED_ORIGINS = words(os.environ, "CSRF_TRUSTED_ORIGINS")

INSTALLED_APPS = [
    "config.apps.ConfigApp",
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "config.apps.OfficeConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "rest_framework",
    "knox",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "axes",
    "grids.apps.GridsApp",
    "notifications.apps.NotificationsApp",
    "cases.apps.CasesApp",
    "seeds.apps.SeedsApp",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "config.headers.SecurityHeaders",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "config.language.OfficerLanguage",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "config" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
            "libraries": {"office": "cases.admin.tags"},
        },
    },
]
UNFOLD = LOOK

DATABASES = {"default": database_settings(os.environ, mode=MODE)}
WEB_CONNECTIONS = "whistle web"  # the name that config/wsgi.py gives to the connections of its process
REDIS_URL = required_in_production(os.environ, "REDIS_URL", MODE, otherwise="")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "grids.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.5  # hours: the 30 minutes of design/api.md
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_ENABLE_ACCESS_FAILURE_LOG = True  # what the security administrator and the auditor read
AXES_ACCESS_FAILURE_LOG_PER_USER_LIMIT = 1000
AXES_LOCKOUT_CALLABLE = "config.lockout.locked_out"
AXES_CLIENT_IP_CALLABLE = "config.lockout.client_address"
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False  # knocking at a closed door does not keep it closed
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"

# What throttles count, in the memory of each web process: no address of a citizen is written anywhere. With the default
# of 300 entries whoever changes addresses would make room by pushing out the counts of others.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "OPTIONS": {"MAX_ENTRIES": 50_000},
    }
}
REST_FRAMEWORK = rest.REST_FRAMEWORK
REST_KNOX = rest.REST_KNOX
KNOX_TOKEN_MODEL = "knox.AuthToken"  # noqa: S105 — a model, its own; said aloud because our devices refer to it
SPECTACULAR_SETTINGS = rest.SPECTACULAR_SETTINGS

LANGUAGE_CODE = "zh-hans"
FORMAT_MODULE_PATH = ["config.formats"]
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "config" / "locale"]
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True

# With STATIC_ROOT the files that `collectstatic` put there are served, compressed and with hashed names; without
# it they are served out of their packages, so that a demo needs no such step.
STATIC_URL = "/static/"
STATIC_ROOT = os.environ.get("STATIC_ROOT") or None
WHITENOISE_USE_FINDERS = STATIC_ROOT is None
_STATIC = "whitenoise.storage.CompressedManifestStaticFilesStorage"
STORAGES = {
    # Attachments. Nothing serves this folder: a file leaves it through the doors that ask who may see it.
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {
            "location": media_folder(os.environ, mode=MODE, base_dir=BASE_DIR),
            "file_permissions_mode": 0o600,
            "directory_permissions_mode": 0o700,
        },
    },
    # What errands read and make, encrypted and for a day (cases/working_files.py). Nothing serves it either.
    "working": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {
            "location": media_folder(os.environ, mode=MODE, base_dir=BASE_DIR) / "working",
            "file_permissions_mode": 0o600,
            "directory_permissions_mode": 0o700,
        },
    },
    "staticfiles": {"BACKEND": _STATIC if STATIC_ROOT else "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

# The ways out of the house. Timeouts of single attempts stand beside each channel in the database.
_CHANNELS = channel_settings(os.environ)
EMAIL_HOST, EMAIL_PORT = _CHANNELS.mail_host, _CHANNELS.mail_port
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _CHANNELS.mail_user, _CHANNELS.mail_password
EMAIL_USE_TLS, EMAIL_USE_SSL = _CHANNELS.mail_security == "starttls", _CHANNELS.mail_security == "tls"
DEFAULT_FROM_EMAIL = _CHANNELS.mail_from
SMS_GATEWAY_URL, SMS_GATEWAY_TOKEN = _CHANNELS.gateway_url, _CHANNELS.gateway_token
WEBHOOK_PLAIN_HTTP = _CHANNELS.plain_http  # trials without TLS only
WEBHOOK_NETWORKS = _CHANNELS.webhook_networks  # where webhooks may lead besides public addresses
# Who is told, by the watchdog itself, when something fails: mail addresses, and services in apprise's spelling.
WATCHDOG_EMAILS, WATCHDOG_URLS = words(os.environ, "WATCHDOG_EMAILS"), words(os.environ, "WATCHDOG_URLS")
WATCHDOG_LAG = number(os.environ, "WATCHDOG_LAG", 180)  # seconds that the sweep may be behind
WATCHDOG_SILENCE = number(
    os.environ, "WATCHDOG_SILENCE", 180
)  # seconds without a sign of life of beat, worker, courier
WATCHDOG_UNDELIVERED = number(os.environ, "WATCHDOG_UNDELIVERED", 3600)  # seconds that a message may wait that could go
WATCHDOG_RECONCILED = number(
    os.environ, "WATCHDOG_RECONCILED", 26
)  # hours since the last reconciliation came to its end
WATCHDOG_FILE = data_folder(os.environ, mode=MODE, base_dir=BASE_DIR) / "watchdog.json"

FILE_UPLOAD_HANDLERS = [
    "config.uploads.RefuseHuge",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

LOGGING = logging_settings(level=os.environ.get("LOG_LEVEL", "INFO"))
configure_structlog()

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = flag(os.environ, "SECURE_COOKIES", default=PRODUCTION)
_BEHIND_TLS = flag(os.environ, "BEHIND_TLS_PROXY", default=False)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _BEHIND_TLS else None
# Redirecting to HTTPS and HSTS are the work of the proxy that ends TLS.
SILENCED_SYSTEM_CHECKS = ["security.W004", "security.W008"]
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_NUMBER_FIELDS = 3000  # the limits are one form: 13 types and 60 categories with their colours

# Whistle's own knobs.
COUNTY_CODE = os.environ.get("COUNTY_CODE", "350924")
PETITION_UNIT = os.environ.get("PETITION_UNIT", "letters")  # the department code of the petition office (信访局)
PERSONAL_DATA_DAYS = number(os.environ, "PERSONAL_DATA_DAYS", 1095, least=0)  # after a case ended; 0: for ever
SWEEP_INTERVAL = number(os.environ, "SWEEP_INTERVAL", 15)  # seconds between two ticks of the beat
SWEEP_BATCH = number(os.environ, "SWEEP_BATCH", 500)  # clocks in one transaction at most; the time they take decides
SWEEP_GRACE = number(
    os.environ, "SWEEP_GRACE", 4
)  # seconds that a colour waits for an action that was pressed in time; longer than the lock_timeout of 3 s
OUTBOX_INTERVAL = number(os.environ, "OUTBOX_INTERVAL", 5)  # seconds between two ticks of the outbox
METRICS_TOKEN = token(os.environ, "METRICS_TOKEN")  # of whoever scrapes /metrics
METRICS_NETWORKS = networks(os.environ, "METRICS_NETWORKS")  # from where /metrics is read without it
WORKER_CONCURRENCY = number(os.environ, "WORKER_CONCURRENCY", 2)  # processes of one Celery worker
SWEEP_HANDS = number(os.environ, "SWEEP_HANDS", WORKER_CONCURRENCY)  # sweeps at once while there is a backlog
