"""Areas and departments, whole: they are few, and phones keep them."""

from decimal import Decimal
from typing import Any

from django.db.models import Q
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from grids.api.keeping import IF_NONE_MATCH, NOT_MODIFIED, kept_answer
from grids.api.shapes import AreaFilters, AreaList, DepartmentList
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
