"""The assembly as Django apps: translations, templates and the site of the officers; no tables."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class ConfigApp(AppConfig):
    name = "config"

    def ready(self) -> None:
        from config.moments import load_quickly

        load_quickly()


class OfficeConfig(AdminConfig):
    """Django's admin with our own site, on which posts decide who enters."""

    default_site = "config.site.WhistleSite"
