"""Who is locked out after five failed logins, from where, and what that person sees, at whichever door.

axes counts and calls these; settings.py names them.
"""

import ipaddress
import math
from datetime import timedelta
from typing import Any

from axes.helpers import get_cool_off
from axes.models import AccessAttempt
from django.db.models import Max
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext
from rest_framework.throttling import BaseThrottle

from config.problems import API_ROOT, Problem


def client_address(request: HttpRequest) -> str | None:
    """The address as the throttle of logins sees it: behind TRUSTED_PROXIES the one that the last of them saw."""
    try:
        return str(ipaddress.ip_address(BaseThrottle().get_ident(request) or ""))  # type: ignore[arg-type]
    except ValueError:
        return None  # a Unix socket has none


def locked_out(
    request: HttpRequest, _response: HttpResponse | None = None, credentials: dict[str, Any] | None = None
) -> HttpResponse:
    seconds = _seconds_left(request, credentials or {})
    if not request.path.startswith(API_ROOT):
        page = render(request, "locked.html", status=429)
        page.headers["Retry-After"] = str(seconds)
        return page
    detail = gettext("Too many failed logins. Please try again in %(minutes)d minutes.") % {
        "minutes": math.ceil(seconds / 60)
    }
    return Problem(429, detail, headers={"Retry-After": str(seconds)}).response()


def _seconds_left(request: HttpRequest, credentials: dict[str, Any]) -> int:
    """Until the lock opens. It began with the last failure that counted; knocking at it does not renew it."""
    cool_off: timedelta = get_cool_off(request)
    failures = AccessAttempt.objects.filter(
        username=credentials.get("username"), ip_address=getattr(request, "axes_ip_address", None)
    )
    now = timezone.now()  # noqa: TID251 — a door
    began = failures.aggregate(began=Max("attempt_time"))["began"] or now
    return max(math.ceil((began + cool_off - now).total_seconds()), 1)
