"""The assembly as a Django app: it brings translations, templates and the start page, and no tables."""

from django.apps import AppConfig


class ConfigApp(AppConfig):
    name = "config"
