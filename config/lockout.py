"""What a person sees who is locked out after five failed logins, at whichever door (axes calls this)."""

from typing import Any

from axes.helpers import get_cool_off
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext

from config.problems import API_ROOT, Problem


def locked_out(
    request: HttpRequest, _response: HttpResponse | None = None, _credentials: dict[str, Any] | None = None
) -> HttpResponse:
    seconds = int(get_cool_off(request).total_seconds())
    detail = gettext("Too many failed logins. Please try again in %(minutes)d minutes.") % {"minutes": seconds // 60}
    headers = {"Retry-After": str(seconds)}
    if request.path.startswith(API_ROOT):
        return Problem(429, detail, headers=headers).response()
    return render(request, "locked.html", status=429)
