"""Who plays which part in the demo's stories: its accounts by role and place, looked up once."""

from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from grids.actors import Actor, actor_for
from grids.models import Post, User
from grids.roles import Role


@dataclass
class Cast:
    now: datetime
    _actors: dict[int, Actor] = field(default_factory=dict)

    @cached_property
    def posts(self) -> list[Post]:
        return list(Post.objects.select_related("area", "user").order_by("id"))

    def actor(self, user: User) -> Actor:
        if user.pk not in self._actors:
            self._actors[user.pk] = actor_for(user, now=self.now)
        return self._actors[user.pk]

    def in_area(self, role: Role, area_code: str) -> Actor | None:
        for post in self.posts:
            if post.role == role and post.area and area_code.startswith(post.area.code):
                return self.actor(post.user)
        return None

    def in_department(self, role: Role, department_id: int) -> Actor | None:
        for post in self.posts:
            if post.role == role and post.department_id == department_id:
                return self.actor(post.user)
        return None


def needed(actor: Actor | None, role: Role) -> Actor:
    if actor is None:
        msg = f"seeds/accounts.csv lacks a {role} for this case"
        raise LookupError(msg)
    return actor
