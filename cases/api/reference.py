"""Categories and the policy in force, for phones to keep."""

from collections.abc import Mapping
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cases import reasons
from cases.api import examples
from cases.api.shapes import CategoryList, PolicyShape, ReasonList
from cases.limits import Cell, Limit, PolicyRules, Share, Threshold
from cases.models import Category
from cases.oversight import NAMES
from cases.versions import oversight_of, policy_in_force, rules_of
from grids.api.keeping import IF_NONE_MATCH, NOT_MODIFIED, kept_answer


class CategoriesView(APIView):
    @extend_schema(
        operation_id="categories",
        summary="Topics of matters",
        description="Two levels; each may name the department that usually takes the lead.",
        tags=["reference"],
        parameters=[IF_NONE_MATCH],
        responses={200: CategoryList, 304: NOT_MODIFIED},
    )
    def get(self, request: Request) -> Response:
        columns = ("code", "name", "parent__code", "lead_department__code")
        rows = Category.objects.filter(is_active=True).order_by("code").values_list(*columns)
        keys = ("code", "name", "parent", "lead_department")
        return kept_answer(request, {"results": [dict(zip(keys, row, strict=True)) for row in rows]})


class ReasonsView(APIView):
    @extend_schema(
        operation_id="reasons",
        summary="The lists of reasons",
        description="Why a matter is rejected, a whistle objected to, a case suspended. What is no longer offered is "
        "listed too, for cases on which it was chosen.",
        tags=["reference"],
        parameters=[IF_NONE_MATCH],
        responses={200: ReasonList, 304: NOT_MODIFIED},
        examples=[examples.REASONS],
    )
    def get(self, request: Request) -> Response:
        entries = [
            {
                "list": entry.list,
                "code": entry.code,
                "name_zh": entry.name_zh,
                "name_en": entry.name_en,
                "is_active": entry.is_active,
            }
            for entry in reasons.everything()
        ]
        return kept_answer(request, {"results": entries})


class PolicyView(APIView):
    @extend_schema(
        operation_id="policy",
        summary="The limits in force",
        description="Cases keep the version they began with; this one is for new cases.",
        tags=["reference"],
        parameters=[IF_NONE_MATCH],
        responses={200: PolicyShape, 304: NOT_MODIFIED},
    )
    def get(self, request: Request) -> Response:
        version = policy_in_force(timezone.now())
        rules, oversight = rules_of(version.pk), oversight_of(version.pk)
        policy = {
            "number": version.number,
            "valid_from": version.valid_from.isoformat(),
            "oversight": {name: _plain(getattr(oversight, name)) for name in NAMES},
            "types": [
                {"type": name, "limits": _limits(cells), "extension": _extension(rules, name)}
                for name, cells in rules.types.items()
            ],
            "categories": [
                {"category": code, "limits": _limits(cells)} for code, cells in rules.categories.items() if cells
            ],
        }
        return kept_answer(request, policy)


def _plain(number: int | Limit) -> int | str:
    return str(number) if isinstance(number, Limit) else number


def _limits(cells: Mapping[str, Cell]) -> list[dict[str, Any]]:
    return [
        {
            "kind": kind,
            "limit": str(cell.limit),
            "blue": _threshold(cell.thresholds.blue),
            "yellow": _threshold(cell.thresholds.yellow),
            "red": cell.thresholds.red,
        }
        for kind, cell in cells.items()
    ]


def _threshold(threshold: Threshold) -> dict[str, float | str | None] | None:
    if threshold is None:
        return None
    if isinstance(threshold, Share):
        return {"share": float(threshold.fraction), "before": None}
    return {"share": None, "before": str(threshold.limit)}


def _extension(rules: PolicyRules, case_type: str) -> dict[str, Any] | None:
    extension = rules.extension(case_type)
    return {"times": extension[0], "limit": str(extension[1])} if extension else None
