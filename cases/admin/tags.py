"""Template words of the officers' pages: `{% load office %}`."""

from datetime import date, datetime
from typing import Any

from django import template
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext

from cases import phrases
from cases.admin import wording
from cases.admin.desk.rows import in_figures
from cases.admin.export_words import words_of
from cases.models import ExportNote
from grids.admin.security import person_of

register = template.Library()


@register.filter
def moment(at: datetime | None, now: datetime) -> str:
    """`{{ at|moment:now }}`: 11月22日 17:30."""
    return wording.moment(at, now=now) if at else ""


@register.filter
def day_of_year(day: date) -> str:
    """`{{ day|day_of_year }}`: 11月22日."""
    return phrases.day_of_year(day)


@register.filter
def dated(day: date, now: datetime) -> str:
    """`{{ meeting.day|dated:now }}`: 11月22日, with its year when it is not this one."""
    return phrases.dated(day, now=now)


@register.filter
def said(name: object) -> str:
    """`{{ line.what|said }}`: names that packages around us give in English, where the catalogue knows them."""
    return gettext(str(name))


@register.filter
def step(name: object) -> str:
    """`{{ part.title|step }}`: a step of the way to a page, by its name, or by the person whom a row is about."""
    return person_of(name) or capfirst(said(name))


@register.filter
def list_taken(note: ExportNote) -> Any:
    """`{{ errand.note|list_taken }}`: which list an export holds."""
    return words_of(note)


@register.filter
def counted(count: int) -> str:
    """`{{ counter.count|counted }}`: 10000+ where no more were counted."""
    return in_figures(count)


@register.filter
def chip(colour: int) -> SafeString:
    """`{{ case.colour|chip }}`: shape and word of a colour."""
    return wording.chip(colour)
