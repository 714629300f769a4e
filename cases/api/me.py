"""Who I am here: posts, unread messages, what waits for me by colour."""

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cases.api.shapes import Me
from cases.selectors import todo_counts
from grids.actors import actor_for
from grids.api.people import person, posts_of, signed_in
from notifications.inbox import unread_count


class MeView(APIView):
    @extend_schema(
        operation_id="me",
        summary="Me",
        description="The person behind the token, with the posts held today.",
        tags=["auth"],
        responses={200: Me},
    )
    def get(self, request: Request) -> Response:
        now, user = timezone.now(), signed_in(request)
        return Response(
            {
                "user": person(user),
                "posts": posts_of(user, now=now),
                "unread": unread_count(user.pk),
                "todo": todo_counts(actor_for(user, now=now)),
            }
        )
