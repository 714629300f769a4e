"""A person and the posts as the API shows them."""

from datetime import datetime
from typing import Any, cast

from rest_framework.request import Request

from grids.actors import day_of
from grids.labels import ROLE_LABELS
from grids.models import Post, User
from grids.roles import Role


def signed_in(request: Request) -> User:
    """The person behind the token; without one no view of ours is reached (DEFAULT_PERMISSION_CLASSES)."""
    return cast("User", request.user)


def person(user: User) -> dict[str, Any]:
    return {"id": user.pk, "username": user.username, "full_name": user.full_name, "language": user.language}


def posts_of(user: User, *, now: datetime) -> list[dict[str, Any]]:
    """The posts held today. One query."""
    posts = Post.objects.filter(user=user).on(day_of(now)).select_related("area", "department").order_by("id")
    return [_post(post) for post in posts]


def _post(post: Post) -> dict[str, Any]:
    return {
        "role": post.role,
        "role_name": ROLE_LABELS[Role(post.role)],
        "area": {"code": post.area.code, "name": post.area.name} if post.area else None,
        "department": {"code": post.department.code, "name": post.department.name} if post.department else None,
        "valid_from": post.valid_from,
        "valid_to": post.valid_to,
    }
