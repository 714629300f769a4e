"""What a phone must hear of since it last asked: changed cases that it sees, and those that it sees no more (ADR 0023).

Changes are read in the order of the transactions that made them, and only up to the oldest transaction that still
runs: what commits late is heard of later and never lost.
"""

import base64
import binascii
import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Self

from django.db import connection
from django.db.models import F, Q
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan

from cases.access import visible_to
from cases.models import Audience, Case, Departure
from cases.reading import whole_cases
from grids.actors import Actor
from grids.roles import Role

#: How long departures are kept. Whoever was away longer begins anew.
DEPARTURES_KEPT: Final = timedelta(days=90)
#: Cases that ended longer ago are not sent to whoever begins anew.
ENDED_WITHIN: Final = timedelta(days=90)
_LAST_ID: Final = 2**63 - 1
_LONGEST_CURSOR: Final = 200

__all__ = ["DEPARTURES_KEPT", "BadCursor", "Cursor", "News", "forget_departures", "news_for"]


class BadCursor(Exception):
    """A text that is no cursor of ours."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far somebody has heard: up to this case of this transaction.

    `anew_until`: whoever begins anew hears of running and recent cases only, up to that transaction.
    `holder` tells the posts and the database that it was made for; `at`: seconds since 1970.
    """

    xid: int
    case_id: int
    anew_until: int
    holder: str
    at: int

    def write(self) -> str:
        plain = json.dumps([self.xid, self.case_id, self.anew_until, self.holder, self.at], separators=(",", ":"))
        return base64.urlsafe_b64encode(plain.encode()).decode().rstrip("=")

    @classmethod
    def read(cls, text: str) -> Self:
        if len(text) > _LONGEST_CURSOR:
            raise BadCursor
        try:
            xid, case_id, anew_until, holder, at = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        except (ValueError, TypeError, binascii.Error, RecursionError):
            raise BadCursor from None
        numbers = (xid, case_id, anew_until, at)
        if not all(type(number) is int and 0 <= number <= _LAST_ID for number in numbers) or type(holder) is not str:
            raise BadCursor
        return cls(xid, case_id, anew_until, holder, at)


@dataclass(frozen=True, slots=True)
class News:
    """One page. `anew`: forget everything that you have, you begin anew with this page. `more`: ask again at once."""

    cases: list[Case]
    gone: list[str]
    anew: bool
    more: bool
    cursor: Cursor


def news_for(actor: Actor, *, since: Cursor | None, size: int, now: datetime) -> News:
    """Up to `size` cases and departures together, in the order in which they happened. At most six queries."""
    horizon, holder = _here(actor)
    at = int(now.timestamp())
    anew = since is None or _is_void(since, horizon=horizon, holder=holder, now=now)
    start = Cursor(0, 0, horizon, holder, at) if since is None or anew else since
    entries = sorted({*_changed(actor, start, horizon, size, now), *_departed(actor, start, horizon, size)})
    page, more = entries[:size], len(entries) > size
    cursor = replace(start, xid=horizon - 1, case_id=_LAST_ID, at=at)
    if more:
        cursor = replace(start, xid=page[-1][0], case_id=page[-1][1], at=at)
    seen = {case.pk: case for case in whole_cases([case_id for _xid, case_id, number in page if not number])}
    cases = [seen[case_id] for _xid, case_id, number in page if case_id in seen]
    return News(cases, [number for _xid, _case_id, number in page if number], anew, more, cursor)


def forget_departures(*, now: datetime) -> int:
    """What everybody has heard of, or begins anew without; how many. A day more, for those who are asking now."""
    count, _by_model = Departure.objects.filter(at__lt=now - DEPARTURES_KEPT - timedelta(days=1)).delete()
    return count


#: Transaction, case, and the number of a case that departed; empty for one that changed.
_Entry = tuple[int, int, str]


def _changed(actor: Actor, start: Cursor, horizon: int, size: int, now: datetime) -> Iterable[_Entry]:
    rows = visible_to(actor).filter(_behind(start, "change__xid", "pk"), change__xid__lt=horizon)
    if start.xid < start.anew_until:
        recent = Q(closed_at=None) | Q(closed_at__gte=now - ENDED_WITHIN) | Q(change__xid__gte=start.anew_until)
        rows = rows.filter(recent)
    found = rows.order_by("change__xid", "pk").values_list("change__xid", "pk")[: size + 1]
    return ((xid, case_id, "") for xid, case_id in found)


def _departed(actor: Actor, start: Cursor, horizon: int, size: int) -> Iterable[_Entry]:
    """Whoever begins anew has forgotten everything and needs to hear of no departure before that."""
    rows = Departure.objects.filter(_behind(start, "xid", "case_id"), _was_open_to(actor), xid__lt=horizon)
    rows = rows.filter(xid__gte=start.anew_until).exclude(case__in=visible_to(actor))
    found = rows.order_by("xid", "case_id").values_list("xid", "case_id", "case__number").distinct()[: size + 1]
    return list(found)


def _behind(start: Cursor, xid: str, case_id: str) -> Any:
    return TupleGreaterThan(Tuple(F(xid), F(case_id)), (start.xid, start.case_id))


def _was_open_to(actor: Actor) -> Q:
    """The audiences to which this person belongs, as in `access.visible_q`."""
    mine = Q(audience=Audience.PERSON, user=actor.user_id)
    for prefix in actor.area_prefixes:
        mine |= Q(audience=Audience.AREA, area_code__startswith=prefix)
    for code in _petition_posts(actor):
        mine |= Q(audience=Audience.PETITIONS, area_code__startswith=code)
    return mine | Q(audience=Audience.DEPARTMENT, department__in=sorted(actor.department_ids))


def _petition_posts(actor: Actor) -> list[str]:
    """The areas whose petitions this person sees by type."""
    return [post.area_code for post in actor.posts if post.role is Role.PETITION_OFFICER and post.area_code]


def _is_void(since: Cursor, *, horizon: int, holder: str, now: datetime) -> bool:
    """Other posts, another database, a database that went back in time, or too long ago."""
    long_ago = datetime.fromtimestamp(min(since.at, 2**40), UTC) < now - DEPARTURES_KEPT
    return since.holder != holder or since.xid >= horizon or long_ago


_HERE = """
SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint, s.system_identifier, c.timeline_id
FROM pg_control_system() s, pg_control_checkpoint() c
"""

#: The sweep's commits wait for no disk (ADR 0019). What a crash takes of them gives its numbers to other transactions,
#: which whoever had heard of the lost ones would never hear of. This commit waits, and with it everything before it.
_DURABLE = "SELECT pg_logical_emit_message(true, 'whistle', 'sync')"


def _here(actor: Actor) -> tuple[int, str]:
    """The oldest transaction that still runs, and who asks in which database."""
    with connection.cursor() as cursor:
        cursor.execute(_HERE)
        horizon, *database = cursor.fetchone()
        cursor.execute(_DURABLE)
    posts = sorted(str(post) for post in actor.posts)
    said = json.dumps([*database, actor.user_id, *posts])
    return horizon, hashlib.blake2b(said.encode(), digest_size=8).hexdigest()
