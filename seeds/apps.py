from django.apps import AppConfig


class SeedsApp(AppConfig):
    name = "seeds"
    verbose_name = "寿宁"
