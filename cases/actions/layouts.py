"""Keeping a view of the work list, and its columns. Everything here is one's own: no verb touches a row of another."""

import re
from collections.abc import Iterable
from typing import Final

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from cases.errors import Conflict, InvalidInput, NotVisible, Text
from cases.models import ListColumns, SavedView
from cases.models.layout import LONGEST_QUERY, LONGEST_VIEW_NAME, MOST_VIEWS

#: Filters are codes and dates: whatever else somebody writes into an address, names above all, is not kept.
_QUERY: Final = re.compile(r"[a-z_]+=[A-Za-z0-9._-]{1,40}(&[a-z_]+=[A-Za-z0-9._-]{1,40})*")


def save_view(*, user_id: int, name: str, query: str) -> SavedView:
    """Under a name of one's own that is new. InvalidInput for a name or filters that cannot be kept; Conflict for a
    name that is taken, and where there are `MOST_VIEWS` already."""
    name = _cleaned(name)
    if len(query) > LONGEST_QUERY or not _QUERY.fullmatch(query):
        raise _wrong("query", _("These filters cannot be kept."))
    taken = set(SavedView.objects.filter(user_id=user_id).values_list("place", flat=True))
    place = next((place for place in range(1, MOST_VIEWS + 1) if place not in taken), None)
    if place is None:
        raise Conflict(_("You have %(limit)d views already. Delete one of them first.") % {"limit": MOST_VIEWS})
    try:
        with transaction.atomic():
            return SavedView.objects.create(user_id=user_id, name=name, place=place, query=query)
    except IntegrityError as error:
        raise _taken(user_id, name) from error


def rename_view(*, user_id: int, view_id: int, name: str) -> None:
    """Errors: those of `save_view`, NotVisible."""
    name = _cleaned(name)
    try:
        with transaction.atomic():
            renamed = SavedView.objects.filter(user_id=user_id, pk=view_id).update(name=name)
    except IntegrityError as error:
        raise _taken(user_id, name) from error
    if not renamed:
        raise NotVisible(_("There is no such view."))


def delete_view(*, user_id: int, view_id: int) -> None:
    """What is gone already is gone."""
    SavedView.objects.filter(user_id=user_id, pk=view_id).delete()


def choose_columns(*, user_id: int, names: Iterable[str]) -> None:
    """In this order; the door knows which there are."""
    ListColumns.objects.update_or_create(user_id=user_id, defaults={"names": list(names)})


def _cleaned(name: str) -> str:
    name = " ".join(name.replace("\x00", "").split())
    if not name:
        raise _wrong("name", _("A view needs a name."))
    if len(name) > LONGEST_VIEW_NAME:
        raise _wrong("name", _("At most %(limit)d characters.") % {"limit": LONGEST_VIEW_NAME})
    return name


def _wrong(field: str, sentence: Text) -> InvalidInput:
    return InvalidInput(sentence, {field: [sentence]})


def _taken(user_id: int, name: str) -> Conflict:
    if SavedView.objects.filter(user_id=user_id, name=name).exists():
        return Conflict(_("You have a view of this name already."))
    return Conflict(_("Another view was saved at this moment. Please try again."))
