"""常用语: what officers write again and again, offered beside the field in which they write it."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from cases import labels
from cases.workflow import ALL_CASE_ACTIONS, TABLE, FieldKind

_WRITTEN = {
    action: words
    for action, words in labels.ACTION.items()
    if action in ALL_CASE_ACTIONS and any(field.kind is FieldKind.TEXT for field in TABLE[action].fields)
}


class Phrase(models.Model):
    """One phrase for the text of one action. Words of the house, never of a case: an administrator keeps them."""

    action = models.CharField(_("action"), max_length=20, choices=labels.choices(_WRITTEN))
    text = models.CharField(_("text"), max_length=200)
    position = models.PositiveSmallIntegerField(_("position"), default=100, db_default=100)
    is_active = models.BooleanField(_("offered"), default=True, db_default=True)

    class Meta:
        verbose_name = _("stock phrase")
        verbose_name_plural = _("stock phrases")
        ordering = ["action", "position", "id"]
        constraints = [models.UniqueConstraint(fields=["action", "text"], name="phrase_once")]

    def __str__(self) -> str:
        return self.text
