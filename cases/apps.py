from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CasesApp(AppConfig):
    name = "cases"
    verbose_name = _("Cases")

    def ready(self) -> None:
        """Declares what this room tells people: the editor of words must know it before anything happens."""
        import_module("cases.messages")
