"""The service's own settings plus the bare endpoints that everything is compared with."""

from config.settings import *  # noqa: F403
from config.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.bench.bare"]
ROOT_URLCONF = "tests.bench.bare.urls"
WEBHOOK_PLAIN_HTTP = True  # the sink of the bench
