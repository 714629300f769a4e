"""Long pieces of work that officers ask the worker for: files to be made, files to be read."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cases import labels
from cases.models.export import ExportNote
from cases.models.fields import EncryptedTextField
from cases.terms import ErrandState
from grids.models import User

#: States in which a file that was made can be fetched.
WITH_RESULT = (ErrandState.CHECKED, ErrandState.DONE)


class Errand(models.Model):
    """One errand of one officer. The worker carries out one at a time, so that colours never wait for two of them.

    `key` is of the form that asked, so that pressing twice asks once. `options`: codes and ids, no text of a case.
    `row_ids`: the rows of an export in their order, as the officer saw them when asking, of the table that its note
    names; `moments`: what each of them is counted for, where they stand behind a figure. Both are emptied when it ends.
    `shown`: what a page shows of an uploaded file, encrypted because it holds people. `source` and `result` name files
    of `cases.working_files`. `posts` are those with which the result was made: whoever has lost one does not fetch it.
    `attempt` counts the starts: a worker that was thought dead and comes back finds another one and stops.
    """

    user = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False, verbose_name=_("user"))
    kind = models.CharField(_("kind"), max_length=10, choices=labels.choices(labels.ERRAND))
    key = models.UUIDField()
    state = models.CharField(_("state"), max_length=10, choices=labels.choices(labels.ERRAND_STATE))
    options = models.JSONField(default=dict)
    row_ids = ArrayField(models.BigIntegerField(), default=list)
    moments = ArrayField(models.DateTimeField(null=True), default=list)
    shown = EncryptedTextField(blank=True, default="")
    source = models.CharField(max_length=32, blank=True, default="")
    source_name = models.CharField(_("file"), max_length=120, blank=True, default="")
    result = models.CharField(max_length=32, blank=True, default="")
    size = models.PositiveIntegerField(_("size"), default=0)
    posts = models.JSONField(default=list)
    note = models.OneToOneField(ExportNote, models.PROTECT, null=True, related_name="errand")
    total = models.PositiveIntegerField(_("rows"), default=0)
    done = models.PositiveIntegerField(_("done"), default=0)
    counts = models.JSONField(default=dict)
    trouble = models.CharField(_("trouble"), max_length=300, blank=True, default="")
    attempt = models.PositiveSmallIntegerField(default=0)
    asked_at = models.DateTimeField(_("asked at"))
    begun_at = models.DateTimeField(_("begun at"), null=True)
    alive_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(_("ended at"), null=True)

    class Meta:
        verbose_name = _("errand")
        verbose_name_plural = _("errands")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["user", "key"], name="errand_once"),
            models.UniqueConstraint(
                fields=["state"], condition=Q(state=ErrandState.WORKING.value), name="errand_one_at_a_time"
            ),
            models.CheckConstraint(
                condition=~Q(state=ErrandState.WORKING.value) | Q(alive_at__isnull=False),
                name="errand_working_gives_signs_of_life",
            ),
            models.CheckConstraint(
                condition=Q(result="") | Q(state__in=[state.value for state in WITH_RESULT]),
                name="errand_result_when_done",
            ),
        ]
        indexes = [
            # One's own, newest first.
            models.Index(fields=["user", "-id"], name="errand_own"),
            # What the worker looks for every few seconds.
            models.Index(
                fields=["asked_at", "id"], condition=Q(state=ErrandState.WAITING.value), name="errand_waiting"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"
