"""The web application, as granian serves it."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
os.environ.setdefault("WHISTLE_PART", "whistle web")  # so that the sweep knows whether people are at work

application = get_wsgi_application()
