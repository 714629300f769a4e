"""What was suggested for a case and what an officer chose, kept so that suggestions can be judged and mended."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from cases.models.case import Case
from cases.terms import SuggestedField, SuggestedWhy
from grids.models import User


class SuggestionChoice(models.Model):
    """One suggestion that stood beside a form when it was sent. `suggested` and `chosen` are codes, equal where it was
    taken. Codes of categories and departments, no word of a case."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="+", verbose_name=_("case"), db_index=False)
    round = models.PositiveSmallIntegerField(_("round"))
    field = models.CharField(_("field"), max_length=10, choices=[(one.value, one.value) for one in SuggestedField])
    why = models.CharField(_("reason"), max_length=10, choices=[(one.value, one.value) for one in SuggestedWhy])
    suggested = models.CharField(_("suggested"), max_length=40)
    chosen = models.CharField(_("chosen"), max_length=40)
    chosen_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("chosen by"), db_index=False)
    chosen_at = models.DateTimeField(_("chosen at"))

    class Meta:
        verbose_name = _("suggestion")
        verbose_name_plural = _("suggestions")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["case", "round", "field", "why"], name="suggestion_once"),
        ]

    def __str__(self) -> str:
        return f"{self.field} {self.suggested} → {self.chosen}"
