"""Where open cases stand among each other: the index of their colours, in a table of its own (ADR 0017)."""

from django.db import models
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from cases import labels
from cases.models.case import Case


class Standing(models.Model):
    """Colour, due time, township (the first nine digits of the area), status and seal of one open case, as on the case.

    Written by a trigger of the database alone (migration `standing`), like any index; a case that ends has no row. An
    index on the case itself would make every change of a colour enter all indexes of that wide row, its texts included.
    Narrow rows are also what the desk counts (`cases.glance`): a hundredth of the pages that the cases themselves take.
    """

    case = models.OneToOneField(Case, models.CASCADE, primary_key=True, related_name="standing", verbose_name=_("case"))
    colour = models.PositiveSmallIntegerField(_("colour"), choices=labels.choices(labels.COLOUR))
    due_at = models.DateTimeField(_("due"), null=True, blank=True)
    township = models.CharField(max_length=9, default="")
    status = models.CharField(max_length=12, choices=labels.choices(labels.STATUS), default="", db_default="")
    sealed = models.BooleanField(default=False, db_default=False)

    class Meta:
        verbose_name = _("standing")
        verbose_name_plural = _("standings")
        indexes = [
            # Open cases by colour, then due time: what is worst, first. The desk, the case list, the API.
            models.Index(F("colour").desc(), "due_at", "case", name="standing_worst"),
            # The same within a township: the list of one colour there.
            models.Index("township", F("colour").desc(), "due_at", "case", name="standing_township"),
        ]

    def __str__(self) -> str:
        return f"{self.case_id}/{self.colour}"
