"""Requests that were carried out, so that the same request sent again changes nothing (api.md, "Repeating")."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from cases.models.case import Case
from grids.models import User


class Request(models.Model):
    """One `Idempotency-Key` of one user with what it did; `digest` tells a repetition from another request."""

    user = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    key = models.CharField(max_length=100)
    digest = models.CharField(max_length=64)
    case = models.ForeignKey(Case, models.PROTECT, related_name="+")
    action = models.CharField(max_length=24)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("request")
        verbose_name_plural = _("requests")
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="request_once")]

    def __str__(self) -> str:
        return f"{self.user_id}/{self.key}"
