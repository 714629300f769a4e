"""Who asks: the person behind a request of the web UI, with posts and moment looked up once for the whole page."""

from datetime import datetime
from typing import cast

from django.http import HttpRequest
from django.utils import timezone

from grids.actors import Actor, actor_for
from grids.models import User
from grids.roles import Role

#: What a superuser may open without a post: enough to give out the first posts, and no case.
SUPERUSER_ROLES = frozenset({Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN})


def now_of(request: HttpRequest) -> datetime:
    """One moment for the whole page, so that no two figures on it disagree."""
    kept = vars(request)
    return cast("datetime", kept.setdefault("whistle_now", timezone.now()))


def request_of(user: User, *, now: datetime) -> HttpRequest:
    """What this person would see now of a page that nobody asked for: the worker makes files of lists."""
    request = HttpRequest()
    request.user = user
    vars(request)["whistle_now"] = now
    return request


def actor_of(request: HttpRequest) -> Actor:
    kept = vars(request)
    if "whistle_actor" not in kept:
        kept["whistle_actor"] = actor_for(cast("User", request.user), now=now_of(request))
    return cast("Actor", kept["whistle_actor"])


def roles_of(request: HttpRequest) -> frozenset[Role]:
    """The roles of the person's posts; what opens pages of configuration and logs."""
    if not request.user.is_authenticated:
        return frozenset()
    roles = actor_of(request).roles
    return roles | SUPERUSER_ROLES if request.user.is_superuser else roles
