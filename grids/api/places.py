"""Areas and departments, whole: they are few, and phones keep them."""

from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from grids.api.keeping import IF_NONE_MATCH, NOT_MODIFIED, kept_answer
from grids.api.shapes import AreaFilters, AreaList, DepartmentList, LocatedArea, SoughtPosition
from grids.atlas import locate
from grids.models import Area, Department


class AreasView(APIView):
    @extend_schema(
        operation_id="areas",
        summary="Areas",
        description="County, townships, villages, grids and micro-grids in use, by code.",
        tags=["reference"],
        parameters=[AreaFilters, IF_NONE_MATCH],
        responses={200: AreaList, 304: NOT_MODIFIED},
    )
    def get(self, request: Request) -> Response:
        asked = AreaFilters(data=request.query_params)
        asked.is_valid(raise_exception=True)
        wanted = Q(is_active=True)
        if level := asked.validated_data.get("level"):
            wanted &= Q(level=level)
        if parent := asked.validated_data.get("parent"):
            wanted &= Q(parent__code=parent)
        if q := asked.validated_data.get("q"):
            wanted &= Q(name__icontains=q) | Q(code__startswith=q)
        columns = ("code", "name", "level", "parent__code", "latitude", "longitude")
        rows = Area.objects.filter(wanted).order_by("code").values_list(*columns)
        return kept_answer(request, {"results": [_area(*row) for row in rows]})


class LocateView(APIView):
    @extend_schema(
        operation_id="area_at",
        summary="The area at a position",
        description="The innermost area, a grid where there is one, whose outline holds the WGS84 position. A border "
        "belongs to the area with the smaller code. 404 outside of all outlines.",
        tags=["reference"],
        parameters=[SoughtPosition, IF_NONE_MATCH],
        responses={200: LocatedArea, 304: NOT_MODIFIED},
        examples=[
            OpenApiExample(
                "A grid",
                {
                    "code": "35092410000101",
                    "name": "北凤社区第一网格",
                    "level": "grid",
                    "parent": "350924100001",
                    "position": None,
                    "schematic": True,
                },
                response_only=True,
                status_codes=["200"],
            )
        ],
    )
    def get(self, request: Request) -> Response:
        asked = SoughtPosition(data=request.query_params)
        asked.is_valid(raise_exception=True)
        found = locate(asked.validated_data["lat"], asked.validated_data["lng"])
        if found is None:
            raise NotFound(_("No area of ours holds this position."))
        area = found.area
        parent = area.parent.code if area.parent else None
        shown = _area(area.code, area.name, area.level, parent, area.latitude, area.longitude)
        return kept_answer(request, {**shown, "schematic": found.schematic})


class DepartmentsView(APIView):
    @extend_schema(
        operation_id="departments",
        summary="Departments",
        description="Units in use that can be called by a whistle.",
        tags=["reference"],
        parameters=[IF_NONE_MATCH],
        responses={200: DepartmentList, 304: NOT_MODIFIED},
    )
    def get(self, request: Request) -> Response:
        columns = ("code", "name", "short_name", "kind", "area__code")
        rows = Department.objects.filter(is_active=True).order_by("code").values_list(*columns)
        keys = ("code", "name", "short_name", "kind", "area")
        return kept_answer(request, {"results": [dict(zip(keys, row, strict=True)) for row in rows]})


def _area(
    code: str, name: str, level: str, parent: str | None, lat: Decimal | None, lng: Decimal | None
) -> dict[str, Any]:
    position = None if lat is None or lng is None else {"lat": float(lat), "lng": float(lng)}
    return {"code": code, "name": name, "level": level, "parent": parent, "position": position}
