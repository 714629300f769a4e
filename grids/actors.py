"""The person who acts or reads, with the posts held on that day: what every rule about access is asked with."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from grids.models import Post, User
from grids.roles import AREA_CASE_ROLES, DEPARTMENT_ROLES, Role

ZONE = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True, slots=True)
class HeldPost:
    """A post without its rows: a role in an area (by code) or in a department (by id)."""

    role: Role
    area_code: str | None = None
    department_id: int | None = None

    def covers(self, area_code: str) -> bool:
        return self.area_code is not None and area_code.startswith(self.area_code)


@dataclass(frozen=True, slots=True)
class Actor:
    """`user_id` None is nobody with an account: the service itself (the clock that closes, the import) or a citizen.
    Neither holds a post."""

    user_id: int | None
    posts: tuple[HeldPost, ...] = ()
    is_citizen: bool = False

    @property
    def roles(self) -> frozenset[Role]:
        return frozenset(post.role for post in self.posts)

    @property
    def area_prefixes(self) -> frozenset[str]:
        """Areas whose cases this person sees, the innermost ones dropped where an outer one is held too."""
        codes = {post.area_code for post in self.posts if post.role in AREA_CASE_ROLES and post.area_code}
        return frozenset(c for c in codes if not any(c != other and c.startswith(other) for other in codes))

    @property
    def department_ids(self) -> frozenset[int]:
        held = (post.department_id for post in self.posts if post.role in DEPARTMENT_ROLES)
        return frozenset(department_id for department_id in held if department_id is not None)

    def roles_in_area(self, area_code: str) -> frozenset[Role]:
        return frozenset(post.role for post in self.posts if post.covers(area_code))

    def roles_in_department(self, department_id: int | None) -> frozenset[Role]:
        if department_id is None:
            return frozenset()
        return frozenset(post.role for post in self.posts if post.department_id == department_id)


SERVICE = Actor(user_id=None)
#: Whoever came through a public door and showed what only the petitioner has: a query code, or the link to rate.
CITIZEN = Actor(user_id=None, is_citizen=True)


def day_of(now: datetime) -> date:
    """The day on which posts are looked up: the county's, not UTC's."""
    return now.astimezone(ZONE).date()


def held(posts: Iterable[Post]) -> tuple[HeldPost, ...]:
    return tuple(HeldPost(Role(post.role), post.area.code if post.area else None, post.department_id) for post in posts)


def actor_for(user: User, *, now: datetime) -> Actor:
    """The user with the posts held today; an inactive user holds none. One query, none where the token brought them."""
    day, brought = getattr(user, "posts_of_day", (None, ()))
    if day == day_of(now):
        return Actor(user_id=user.pk, posts=brought)
    posts = Post.objects.filter(user=user).on(day_of(now)).select_related("area")
    return Actor(user_id=user.pk, posts=held(posts))
