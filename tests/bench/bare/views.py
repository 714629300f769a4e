"""One read, one insert: no login, no permission, no checks. Everything that the service adds is measured against it."""

from typing import Any

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from tests.bench.bare.models import Note


class _Bare(APIView):
    authentication_classes = ()
    permission_classes = ()
    throttle_classes = ()


class BareRead(_Bare):
    def get(self, _request: Request, pk: int) -> Response:
        return Response(_as_json(Note.objects.get(pk=pk)))


class BareInsert(_Bare):
    def post(self, request: Request) -> Response:
        body: dict[str, Any] = request.data  # type: ignore[assignment]  # the bench sends objects only
        note = Note.objects.create(title=body["title"], amount=body["amount"], at=timezone.now())
        return Response(_as_json(note), status=201)


def _as_json(note: Note) -> dict[str, Any]:
    return {"id": note.pk, "title": note.title, "amount": note.amount, "at": note.at}
