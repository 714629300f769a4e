from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NotificationsApp(AppConfig):
    name = "notifications"
    verbose_name = _("Notifications")
