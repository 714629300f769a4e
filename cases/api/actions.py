"""One address for each action of the workflow table: `cases/{number}/actions/{action}/`."""

from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpResponseBase
from django.utils import timezone
from django.utils.text import format_lazy
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cases import labels
from cases.actions.inputs import MOST_PHOTOS
from cases.actions.perform import perform
from cases.api.answers import case_answer
from cases.api.examples import action_example
from cases.api.inputs import expected_version, idempotency_key
from cases.api.render import whole
from cases.api.shapes import CaseDetail
from cases.selectors import case_for
from cases.workflow import TABLE, Action, Field, FieldKind
from grids.actors import actor_for
from grids.api.people import signed_in

_HEADERS = [
    OpenApiParameter(
        "If-Match", str, OpenApiParameter.HEADER, description="The ETag that was looked at; 412 when it is stale"
    ),
    OpenApiParameter(
        "Idempotency-Key",
        str,
        OpenApiParameter.HEADER,
        description="Up to 100 characters. The same key and body again change nothing; another body: 409",
    ),
]


class ActionView(APIView):
    """Subclasses name their action."""

    action: Action

    def post(self, request: Request, number: str) -> Response:
        if not isinstance(request.data, Mapping):
            raise ValidationError({"non_field_errors": ["{…}"]})
        now = timezone.now()
        actor = actor_for(signed_in(request), now=now)
        performed = perform(
            self.action,
            number=number,
            actor=actor,
            now=now,
            inputs=dict(request.data),
            expected_version=expected_version(request.headers.get("If-Match")),
            key=idempotency_key(request.headers.get("Idempotency-Key")),
        )
        case = case_for(actor, number)
        if case is None or case.pk != performed.case_id:
            return Response(status=204)
        return case_answer(whole(actor, case, now=now))


def action_view(action: Action) -> Callable[..., HttpResponseBase]:
    """The view of one action, with the schema of its own fields."""
    view: Any = type(f"{_camel(action)}View", (ActionView,), {"action": action})
    described = extend_schema(
        operation_id=f"case_{action}",
        summary=labels.ACTION[action],
        description=_description(action),
        tags=["actions"],
        parameters=_HEADERS,
        request=request_shape(action),
        responses={
            200: CaseDetail,
            204: OpenApiResponse(description="Done; the case is no longer visible to you"),
        },
        examples=[action_example(action)],
    )
    as_view: Callable[..., HttpResponseBase] = extend_schema_view(post=described)(view).as_view()
    return as_view


def request_shape(action: Action) -> type[serializers.Serializer[None]]:
    """The body of an action, from the fields of the workflow table."""
    fields = {field.name: _FIELDS[field.kind](field) for field in TABLE[action].fields}
    return type(f"{_camel(action)}Request", (serializers.Serializer,), fields)


def _description(action: Action) -> str:
    rule = TABLE[action]
    sources = ", ".join(sorted(rule.sources))
    targets = ", ".join(sorted(rule.targets)) if len(rule.targets) < len(rule.sources) else "no change"
    roles = ", ".join(sorted(rule.roles))
    return f"From: {sources}. To: {targets}. By: {roles}."


def _camel(action: Action) -> str:
    return "".join(part.capitalize() for part in action.value.split("_"))


def _given(field: Field, **more: Any) -> dict[str, Any]:
    named: dict[str, Any] = {"required": field.required, "help_text": _help(field)}
    if not field.required:
        named["allow_null"] = True
    return named | more


def _help(field: Field) -> Any:
    """Lazily: the document is made in the reader's language, long after this module was read."""
    words = labels.FIELD[field.name]
    if field.reasons:
        return format_lazy("{}: a code of the list `{}` of `GET /api/v1/reasons/`", words, field.reasons)
    if field.unless:
        return format_lazy("{}; required unless {}", words, field.unless)
    return format_lazy("{}; required when {}", words, field.when) if field.when else words


_FIELDS: dict[FieldKind, Callable[[Field], serializers.Field[Any, Any, Any, Any]]] = {
    FieldKind.TEXT: lambda f: serializers.CharField(
        **_given(f, max_length=f.max_length or None, allow_blank=not f.required)
    ),
    FieldKind.CHOICE: lambda f: serializers.ChoiceField(choices=list(f.choices), **_given(f)),
    FieldKind.REASON: lambda f: serializers.CharField(**_given(f, max_length=20)),
    FieldKind.FLAG: lambda f: serializers.BooleanField(**_given(f)),
    FieldKind.CATEGORY: lambda f: serializers.CharField(**_given(f, max_length=40)),
    FieldKind.DEPARTMENT: lambda f: serializers.CharField(**_given(f, max_length=40)),
    FieldKind.DEPARTMENTS: lambda f: serializers.ListField(
        child=serializers.CharField(max_length=40), max_length=20, **_given(f)
    ),
    FieldKind.ASSIGNMENT: lambda f: serializers.IntegerField(**_given(f, min_value=1)),
    FieldKind.ALERT: lambda f: serializers.IntegerField(**_given(f, min_value=1)),
    FieldKind.ORDER: lambda f: serializers.IntegerField(**_given(f, min_value=1)),
    FieldKind.DATE: lambda f: serializers.DateField(**_given(f)),
    FieldKind.NUMBER: lambda f: serializers.FloatField(**_given(f, min_value=0)),
    FieldKind.CASE: lambda f: serializers.CharField(**_given(f, max_length=24)),
    FieldKind.USER: lambda f: serializers.CharField(**_given(f, max_length=150)),
    FieldKind.USERS: lambda f: serializers.ListField(
        child=serializers.CharField(max_length=150), max_length=20, **_given(f)
    ),
    FieldKind.PETITIONER: lambda f: serializers.IntegerField(**_given(f, min_value=1)),
    FieldKind.PHOTOS: lambda f: serializers.ListField(
        child=serializers.UUIDField(), min_length=1, max_length=MOST_PHOTOS, **_given(f)
    ),
    FieldKind.LATITUDE: lambda f: serializers.FloatField(**_given(f, min_value=-90, max_value=90)),
    FieldKind.LONGITUDE: lambda f: serializers.FloatField(**_given(f, min_value=-180, max_value=180)),
}
