"""What sync answers look like, with examples."""

from typing import Any, Final

from drf_spectacular.utils import OpenApiExample, extend_schema_field
from rest_framework import serializers

from cases.api.examples import DETAIL, NUMBER
from cases.api.shapes import CaseDetail

_PROBLEM: Final[dict[str, Any]] = {"$ref": "#/components/schemas/Problem"}


@extend_schema_field(_PROBLEM)
class ProblemField(serializers.JSONField):
    """A problem as a single request would be answered with it."""


class NewsShape(serializers.Serializer[None]):
    anew = serializers.BooleanField(help_text="Forget what you have: a fresh start begins with this page")
    cases = CaseDetail(many=True)
    gone = serializers.ListField(child=serializers.CharField(), help_text="Numbers of cases that you see no more")
    cursor = serializers.CharField(help_text="For `since` next time")
    more = serializers.BooleanField(help_text="Ask again at once")


@extend_schema_field(
    {
        "type": "object",
        "required": ["op_id", "action", "case"],
        "properties": {
            "op_id": {"type": "string", "format": "uuid"},
            "action": {"type": "string", "description": "`collect` or an action of the workflow table"},
            "case": {"type": "string", "description": "Its number, or the client_id under which it is collected"},
            "after": {"type": ["string", "null"], "format": "uuid"},
            "base_version": {"type": ["integer", "null"], "minimum": 0},
            "capture_time": {"type": ["string", "null"], "format": "date-time"},
        },
        "additionalProperties": True,
    }
)
class StepField(serializers.DictField):
    """The fields of the action stand beside these."""


class BatchShape(serializers.Serializer[None]):
    operations = serializers.ListField(child=StepField(), max_length=100)
    sent_at = serializers.DateTimeField(required=False, allow_null=True, help_text="The phone's clock at sending")


class ResultShape(serializers.Serializer[None]):
    op_id = serializers.UUIDField()
    status = serializers.ChoiceField(choices=["applied", "replayed", "conflict", "rejected"])
    number = serializers.CharField(allow_null=True)
    query_code = serializers.CharField(allow_null=True, help_text="Of a case that was collected")
    case = CaseDetail(allow_null=True, help_text="As the server has it now")
    gone = serializers.BooleanField(help_text="It was done, and you see the case no more")
    problem = ProblemField(allow_null=True)
    retry = serializers.BooleanField(help_text="Somebody else was in the way: send the same again")


class ResultsShape(serializers.Serializer[None]):
    results = ResultShape(many=True)
    server_time = serializers.DateTimeField()
    clock_skew = serializers.IntegerField(
        allow_null=True, help_text="Seconds by which the phone is ahead; 0 within two minutes; null without sent_at"
    )


NEWS: Final = OpenApiExample(
    "news",
    response_only=True,
    value={"anew": False, "cases": [DETAIL], "gone": ["350924-2026-0000007"], "cursor": "WzgwMSwxXQ", "more": False},
)
_FIRST, _SECOND = "5f0f6b0e-2b0e-4e3a-9d6a-6c1f3a0f7c11", "0b6f8f5c-55f3-4d6c-8d5f-0f4d9c1d2e22"
BATCH: Final = OpenApiExample(
    "batch",
    request_only=True,
    value={
        "sent_at": "2026-11-27T12:05:00+08:00",
        "operations": [
            {
                "op_id": _FIRST,
                "action": "collect",
                "case": "c6a6a3c2-5b8f-4f0e-8a51-3b1e0d8c9f01",
                "capture_time": "2026-11-27T09:12:40+08:00",
                "type": "appeal",
                "title": "路灯不亮",
                "area": "35092410000101",
            },
            {"op_id": _SECOND, "action": "verify", "case": NUMBER, "base_version": 3, "passed": True},
        ],
    },
)
RESULTS: Final = OpenApiExample(
    "results",
    response_only=True,
    value={
        "results": [
            {
                "op_id": _SECOND,
                "status": "applied",
                "number": NUMBER,
                "query_code": None,
                "case": DETAIL,
                "gone": False,
                "problem": None,
                "retry": False,
            }
        ],
        "server_time": "2026-11-27T12:05:01.204000+08:00",
        "clock_skew": 0,
    },
)
