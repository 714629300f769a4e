"""How one officer keeps the work list: saved views and chosen columns. No case stands in these rows."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from grids.models import User

MOST_VIEWS = 20
LONGEST_VIEW_NAME = 20
LONGEST_QUERY = 400


class SavedView(models.Model):
    """One view of one user: a name for a choice of filters, as they stand in an address.

    `place` counts from 1: its two constraints are what keeps anybody from having more than `MOST_VIEWS`.
    """

    user = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    name = models.CharField(_("name of the view"), max_length=LONGEST_VIEW_NAME, db_index=False)
    place = models.PositiveSmallIntegerField()
    query = models.CharField(max_length=LONGEST_QUERY)

    class Meta:
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        ordering = ["place"]
        constraints = [
            models.UniqueConstraint(fields=["user", "name"], name="saved_view_name_once"),
            models.UniqueConstraint(fields=["user", "place"], name="saved_view_place_once"),
            models.CheckConstraint(condition=Q(place__gte=1, place__lte=MOST_VIEWS), name="saved_view_place_known"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}/{self.place}"


class ListColumns(models.Model):
    """The columns of one user's list, by name, in their order. Without a row there are the usual ones."""

    user = models.OneToOneField(User, models.PROTECT, primary_key=True, related_name="+")
    names = models.JSONField(default=list)

    class Meta:
        verbose_name = _("columns of a list")
        verbose_name_plural = _("columns of lists")

    def __str__(self) -> str:
        return str(self.user_id)
