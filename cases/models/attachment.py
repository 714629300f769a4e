"""Photos and papers of a case. The files lie in MEDIA_ROOT; a row says which file is whose (docs/attachments.md)."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cases.models.case import Case
from grids.models import User


class Attachment(models.Model):
    """One file that somebody sent. Until an action uses it, `case` is null and only its sender sees it.

    `name` is the random name of the file on disk, empty once it was erased; `preview` says whether a small picture
    lies beside it. `sha256` is of the file as it is kept; `sent_digest` tells a repeated upload from another one.
    `latitude`, `longitude` and `taken_at` are what a photo's camera said: kept here, no longer in the file.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    uploaded_by = models.ForeignKey(
        User, models.PROTECT, related_name="+", db_index=False, verbose_name=_("uploaded by")
    )
    client_id = models.UUIDField()
    sent_digest = models.CharField(max_length=64, blank=True)
    name = models.CharField(max_length=40, blank=True)
    content_type = models.CharField(_("content type"), max_length=40, blank=True)
    size = models.PositiveIntegerField(_("size"))
    sha256 = models.CharField(max_length=64, blank=True)
    preview = models.BooleanField(default=False)
    latitude = models.DecimalField(_("latitude"), max_digits=8, decimal_places=5, null=True, blank=True)
    longitude = models.DecimalField(_("longitude"), max_digits=8, decimal_places=5, null=True, blank=True)
    taken_at = models.DateTimeField(_("taken at"), null=True, blank=True)
    case = models.ForeignKey(
        Case, models.PROTECT, null=True, blank=True, related_name="attachments", verbose_name=_("case")
    )
    action = models.CharField(_("used by"), max_length=24, blank=True, default="")
    created_at = models.DateTimeField(_("uploaded at"))
    erased_at = models.DateTimeField(_("erased at"), null=True, blank=True)

    class Meta:
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")
        ordering = ["created_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["uploaded_by", "client_id"], name="attachment_client_id_once"),
            models.CheckConstraint(
                condition=Q(case=None, action="") | (Q(case__isnull=False) & ~Q(action="")),
                name="attachment_used_by_an_action",
            ),
            models.CheckConstraint(condition=Q(erased_at=None) ^ Q(name=""), name="attachment_erased_has_no_file"),
        ]
        indexes = [
            # What nobody used: the quota of its sender, and the cleaning.
            models.Index(fields=["uploaded_by", "created_at"], condition=Q(case=None), name="attachment_unused"),
            # The names that files on disk may have.
            models.Index(fields=["name"], condition=~Q(name=""), name="attachment_name"),
        ]

    def __str__(self) -> str:
        return str(self.pk)
