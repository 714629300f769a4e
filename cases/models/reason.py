"""The closed lists from which people choose why: rows, so that an administrator changes them without a deployment."""

from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from cases import labels
from cases.terms import ReasonList


class Reason(models.Model):
    """One entry of one list. What was chosen once keeps its code and words for ever; a retired one is offered no more.

    Cases, journal and objections hold the code, so an entry is never deleted and its code never changes.
    """

    list = models.CharField(_("list"), max_length=12, choices=labels.choices(labels.REASON_LIST))
    code = models.CharField(
        _("code"),
        max_length=20,
        validators=[RegexValidator(r"^[a-z][a-z0-9_]*$", _("Small letters, digits and underscores only."))],
    )
    name_zh = models.CharField(_("Chinese words"), max_length=60)
    name_en = models.CharField(_("English words"), max_length=100)
    position = models.PositiveSmallIntegerField(_("position"), default=100, db_default=100)
    is_active = models.BooleanField(_("offered"), default=True, db_default=True)

    class Meta:
        verbose_name = _("reason")
        verbose_name_plural = _("reasons")
        ordering = ["list", "position", "code"]
        constraints = [
            models.UniqueConstraint(fields=["list", "code"], name="reason_once"),
            models.CheckConstraint(
                condition=models.Q(list__in=[one.value for one in ReasonList]), name="reason_list_known"
            ),
        ]

    def __str__(self) -> str:
        return self.words

    @property
    def words(self) -> str:
        """In the reader's language."""
        return self.name_en if (get_language() or "").startswith("en") else self.name_zh
