"""Statistics of a month or a week: for who leads an area or audits, and for a department its own."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cases import statistics
from cases.api.answers import actor_of
from cases.api.inputs import validated
from cases.api.stats_shapes import AlertStats, AreasAsked, AreaStats, Overview, PeriodAsked, UnitList
from cases.errors import NotPermitted
from cases.scores import Period, Share, month_score
from cases.statistics import Group, Row, Scope
from cases.versions import calendar_in_force
from grids.area_codes import LEVEL_DIGITS
from grids.book import AREAS, DEPARTMENTS

_FIGURE = {"numerator": 17, "denominator": 20, "value": 0.85, "small_sample": False}
_NONE = {"numerator": 0, "denominator": 0, "value": None, "small_sample": True}
_SHARES = dict.fromkeys(statistics.names_of(Group.UNIT), _FIGURE) | {"rework": _NONE}
_GROUP = {
    "beside": {"extensions_asked": 3, "extensions_granted": 2, "suspensions": 1},
    "left_out": {"rejected": 1, "withdrawn": 0, "merged": 2},
    "handling": [{"kind": "office", "count": 20, "median_hours": 13.5, "mean_hours": 17.25}],
}
_NOVEMBER = {"period": "2026-11", "begins_at": "2026-11-01T00:00:00+08:00", "ends_at": "2026-12-01T00:00:00+08:00"}
_PLACE = {"figures": _SHARES | {"repeat": _FIGURE}, **_GROUP}


def _example(body: dict[str, Any]) -> list[OpenApiExample]:
    return [OpenApiExample("November", _NOVEMBER | body, response_only=True, status_codes=["200"])]


class OverviewView(APIView):
    @extend_schema(
        operation_id="stats_overview",
        summary="Figures of my area",
        description="Each with numerator and denominator. Sealed cases are in none of them. For centre, inspector, "
        "township leader and auditor, of the areas of their posts; 403 for others.",
        tags=["statistics"],
        parameters=[PeriodAsked],
        responses={200: Overview},
        examples=_example(_PLACE),
    )
    def get(self, request: Request) -> Response:
        period, scope = _asked(PeriodAsked, request)["period"], _scope(request, units=False)
        rows = _rows(scope, period, Group.ALL)
        return _answer(period, _group(rows.get("") or Row.empty(Group.ALL)))


class DepartmentStatsView(APIView):
    @extend_schema(
        operation_id="stats_departments",
        summary="Figures of departments",
        description="Of departments with anything to count: on-time is their handling alone. People of a department "
        "read their own row; leaders those of the cases in their area.",
        tags=["statistics"],
        parameters=[PeriodAsked],
        responses={200: UnitList},
        examples=_example(
            {"results": [{"code": "water", "name": "寿宁县水利局", "figures": _SHARES, "score": 0.85, **_GROUP}]}
        ),
    )
    def get(self, request: Request) -> Response:
        period, scope = _asked(PeriodAsked, request)["period"], _scope(request, units=True)
        rows = _rows(scope, period, Group.UNIT)
        units = sorted((DEPARTMENTS.of(int(pk)) for pk in rows), key=lambda unit: unit.code)
        shown = [
            {
                "code": unit.code,
                "name": unit.name,
                "score": month_score(rows[str(unit.pk)].shares),
                **_group(rows[str(unit.pk)]),
            }
            for unit in units
        ]
        return _answer(period, {"results": shown})


class AreaStatsView(APIView):
    @extend_schema(
        operation_id="stats_areas",
        summary="Figures of the areas inside one",
        description="Townships of the county, villages of a township and so on; what lies directly in `parent` stands "
        "under its own code. Readers as of the overview.",
        tags=["statistics"],
        parameters=[AreasAsked],
        responses={200: AreaStats},
        examples=_example({"results": [{"code": "350924100", "name": "鳌阳镇", **_PLACE}]}),
    )
    def get(self, request: Request) -> Response:
        asked, scope = _asked(AreasAsked, request), _scope(request, units=False)
        parent = asked.get("parent") or settings.COUNTY_CODE
        digits = min(digits for digits in LEVEL_DIGITS.values() if digits > len(parent))
        rows = _rows(scope.inside(parent), asked["period"], Group.AREA, digits=digits)
        shown = [{"code": code, "name": _name(code), **_group(row)} for code, row in sorted(rows.items())]
        return _answer(asked["period"], {"results": shown})


class AlertStatsView(APIView):
    @extend_schema(
        operation_id="stats_alerts",
        summary="Alerts by colour, and what became of them",
        description="By their true moments. People of a department read those charged to their own unit.",
        tags=["statistics"],
        parameters=[PeriodAsked],
        responses={200: AlertStats},
        examples=_example(
            {
                "results": [
                    {
                        "colour": "red",
                        "raised": 20,
                        **dict.fromkeys(("annulled", "late", "acknowledged", "planned", "signed_off"), _FIGURE),
                    }
                ]
            }
        ),
    )
    def get(self, request: Request) -> Response:
        period, scope = _asked(PeriodAsked, request)["period"], _scope(request, units=True)
        shown = [
            {
                "colour": colour.code,
                "raised": told.raised,
                **{
                    name: _share(getattr(told, name))
                    for name in ("annulled", "late", "acknowledged", "planned", "signed_off")
                },
            }
            for colour, told in statistics.alerts(scope, period).items()
        ]
        return _answer(period, {"results": shown})


def _asked(shape: type[PeriodAsked], request: Request) -> dict[str, Any]:
    asked = validated(shape, request.query_params)
    return {"period": Period.month_of(timezone.now())} | asked


def _scope(request: Request, *, units: bool) -> Scope:
    """NotPermitted for people whose posts read no such figures."""
    scope = Scope.of(actor_of(request))
    if not (scope.areas or (units and scope.units)):
        raise NotPermitted(_("Your posts read no such figures."))
    return scope if units else Scope(areas=scope.areas)


def _rows(scope: Scope, period: Period, group: Group, *, digits: int = 0) -> Mapping[str, Row]:
    calendar = calendar_in_force().calendar
    return statistics.figures(scope, period, group, calendar=calendar, now=timezone.now(), digits=digits)


def _answer(period: Period, data: dict[str, Any]) -> Response:
    head = {"period": period.name, "begins_at": period.begins, "ends_at": period.ends}
    return Response(head | data, headers={"Cache-Control": "private, no-store"})


def _group(row: Row) -> dict[str, Any]:
    beside = row.beside
    return {
        "figures": {name: _share(share) for name, share in row.shares.items()},
        "beside": {
            "extensions_asked": beside["extensions"].denominator,
            "extensions_granted": beside["extensions"].numerator,
            "suspensions": beside["suspensions"].denominator,
        },
        "left_out": {name: beside[name].denominator for name in ("rejected", "withdrawn", "merged")},
        "handling": [
            {"kind": kind, "count": spent.count, "median_hours": spent.median, "mean_hours": spent.mean}
            for kind, spent in sorted(row.handling.items())
        ],
    }


def _share(share: Share) -> dict[str, Any]:
    return {
        "numerator": share.numerator,
        "denominator": share.denominator,
        "value": share.value,
        "small_sample": share.small,
    }


def _name(code: str) -> str:
    area = AREAS.coded(code)
    return area.name if area else code
