"""The engine's page for whoever is on duty: whether it lives, how far behind it is, what could not be done."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db import DatabaseError, InterfaceError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from cases import figures
from cases.admin.pages import open_to, render
from cases.calendar import ZONE
from cases.models import Reconciliation, SweepDay
from cases.reconciling import begin, under_way
from config.asking import Answers, ask
from config.health import TITLES, Check, Grade, ago, checked
from config.questions import of_health, of_the_page
from grids.admin.person import actor_of, now_of, roles_of
from grids.roles import Role
from notifications.figures import ChannelFigures, channels_of, in_words
from notifications.labels import CHANNEL_CHOICES

_MENDERS = frozenset({Role.SYSTEM_ADMIN})
ENGINE_READERS = _MENDERS | {Role.AUDITOR, Role.INSPECTOR}
REFRESH_SECONDS = 30

_GRADES = {
    Grade.OK: gettext_lazy("well"),
    Grade.WARNING: gettext_lazy("look at it"),
    Grade.FAILING: gettext_lazy("fails"),
}
_VERDICTS = {
    Grade.OK: gettext_lazy("All is well: colours and messages are in time."),
    Grade.WARNING: gettext_lazy("The engine works. Something wants to be looked at."),
    Grade.FAILING: gettext_lazy("Something fails: colours or messages may be late until it is mended."),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One check as a row; `link` leads to where it is mended, for those who may."""

    title: Any
    grade: Any
    is_well: bool
    is_failing: bool
    detail: str
    link: str


@dataclass(frozen=True, slots=True)
class Channel:
    """The outbox of one channel in words."""

    title: Any
    waiting: str
    oldest: str
    sending: str
    dead: str
    dead_link: str


@require_safe
@open_to(ENGINE_READERS)
def engine(request: HttpRequest) -> HttpResponse:
    """The page; with `part` only what it renews by itself."""
    now, mends = now_of(request), bool(roles_of(request) & _MENDERS)
    answers = ask(of_health(now) | of_the_page(now))
    checks = checked(answers, now)
    context = {
        "title": _("State of the engine"),
        "now": now,
        "mends": mends,
        "verdict": _VERDICTS[max(check.grade for check in checks.values())],
        "lines": [_line(name, check, mends=mends) for name, check in checks.items()],
        "every": REFRESH_SECONDS,
        **_figures(answers, now, mends=mends),
    }
    return render(request, "engine_parts.html" if "part" in request.GET else "engine.html", context)


@require_POST
@open_to(_MENDERS)
def reconcile_now(request: HttpRequest) -> HttpResponse:
    """The request is a row: a worker finds it within a minute, also one that is started later."""
    if under_way() is not None:
        messages.info(request, _("A reconciliation is under way already."))
    else:
        begin(now=now_of(request), by_id=actor_of(request).user_id)
        messages.success(request, _("The reconciliation begins within a minute; this page shows what it finds."))
    return HttpResponseRedirect(reverse("admin:engine"))


def _figures(answers: Answers, now: datetime, *, mends: bool) -> dict[str, Any]:
    """What stands beside the checks; nothing where a part of it could not be asked."""
    try:
        last = answers.first("reconciled", "finished_at")
        today = SweepDay(**(answers.first("today") or {}))
        return {
            "today": today,
            "waited": f"{today.lag / 60:.1f}",
            "chart": _chart(figures.hours(answers.rows("hours", "begins"), now=now)),
            "channels": [_channel(found, now, mends=mends) for found in _channels(answers)],
            "last": last,
            "last_link": reverse("admin:cases_reconciliation_change", args=[last["id"]]) if last else "",
            "last_words": _reconciled(Reconciliation(**last) if last else None),
            "running": answers.first("under_way"),
        }
    except (DatabaseError, InterfaceError):
        return {}


def _channels(answers: Answers) -> list[ChannelFigures]:
    return channels_of(
        waiting=answers.rows("waiting"),
        ready=answers.rows("ready", "since"),
        sending=answers.rows("sending", "since"),
        dead=answers.rows("dead", "since"),
    )


def _line(name: str, check: Check, *, mends: bool) -> Line:
    links = {
        "held_rows": "admin:cases_clock_changelist",
        "policy": "admin:policy",
        "calendar": "admin:calendar",
        "reconciliation": "admin:cases_reconciliation_changelist",
    }
    open_link = name in links and (mends or name == "reconciliation") and check.grade is not Grade.OK
    link = reverse(links[name]) if open_link else ""
    if name == "dead_letters" and mends and check.grade is not Grade.OK:
        link = _dead_letters()
    return Line(
        title=TITLES[name],
        grade=_GRADES[check.grade],
        is_well=check.grade is Grade.OK,
        is_failing=check.grade is Grade.FAILING,
        detail=check.detail,
        link=link,
    )


def _channel(found: ChannelFigures, now: datetime, *, mends: bool) -> Channel:
    return Channel(
        title=dict(CHANNEL_CHOICES).get(found.channel, found.channel),
        waiting=in_words(found.waiting),
        oldest=ago(now - found.oldest) if found.oldest else "",
        sending=in_words(found.sending),
        dead=in_words(found.dead),
        dead_link=_dead_letters(found.channel) if mends and found.dead else "",
    )


def _dead_letters(channel: str = "") -> str:
    page = reverse("admin:notifications_delivery_changelist")
    return f"{page}?state=dead&channel={channel}" if channel else f"{page}?state=dead"


def _reconciled(last: Reconciliation | None) -> str:
    if last is None:
        return _("No reconciliation has come to its end yet. The first one begins at 3:30 in the night.")
    if not last.found:
        words = _("%(clocks)d clocks of %(cases)d cases were compared with alerts and journal: everything agrees.")
        return words % {"clocks": last.clocks, "cases": last.cases}
    words = _("%(found)d discrepancies were found, %(repaired)d repaired, %(left)d left.")
    return words % {"found": last.total_found, "repaired": last.total_repaired, "left": last.left}


def _chart(hours: list[figures.Hour]) -> str:
    """For Chart.js; empty when no batch was worked on."""
    if not any(hour.batches for hour in hours):
        return ""
    longest = {
        "label": _("longest batch, ms"),
        "data": [round(1000 * hour.longest, 1) for hour in hours],
        "backgroundColor": "var(--color-primary-600)",
        "displayYAxis": True,
    }
    labels = [f"{hour.begins.astimezone(ZONE):%H:%M}" for hour in hours]
    return json.dumps({"labels": labels, "datasets": [longest]}, ensure_ascii=False)
