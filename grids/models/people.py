"""Who: users and the posts from which all permission comes."""

from collections.abc import Iterable
from datetime import date
from typing import ClassVar, Self

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from grids.labels import ROLE_CHOICES
from grids.models.place import Area, Department
from grids.roles import DEPARTMENT_ROLES


class User(AbstractUser):
    """An officer. The name is one field, as names in China are."""

    first_name = None  # type: ignore[assignment]  # Django's way to drop an inherited field
    last_name = None  # type: ignore[assignment]
    full_name = models.CharField(_("full name"), max_length=60)
    language = models.CharField(
        _("language"), max_length=10, default="zh-hans", choices=[("zh-hans", "简体中文"), ("en", "English")]
    )
    #: Up to where the person has marked the news of the desk as seen. Here and not in a table of its own: a row of a
    #: person is unique already, and it is read with every request anyway.
    desk_seen_at = models.DateTimeField(_("desk seen up to"), null=True, editable=False)

    REQUIRED_FIELDS: ClassVar[list[str]] = ["full_name"]

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        ordering = ["username"]
        constraints = [
            # Names are typed by hand and copied between lists: two that differ in case alone are one person.
            models.UniqueConstraint(
                Lower("username"),
                name="user_name_once",
                violation_error_message=_("There is a user of this name already; capital letters make no difference."),
            )
        ]

    def __str__(self) -> str:
        return self.full_name or self.username

    def get_full_name(self) -> str:
        return self.full_name

    def get_short_name(self) -> str:
        return self.full_name


class PostQuerySet(models.QuerySet["Post"]):
    def on(self, day: date) -> Self:
        """Posts held on `day`, of users who may still log in."""
        return self.filter(Q(valid_to=None) | Q(valid_to__gte=day), valid_from__lte=day, user__is_active=True)

    def in_roles(self, roles: Iterable[str]) -> Self:
        return self.filter(role__in=list(roles))


class Post(models.Model):
    """One user's role in one area or one department, from–to (both days included)."""

    user = models.ForeignKey(User, models.PROTECT, related_name="posts", verbose_name=_("user"))
    role = models.CharField(_("role"), max_length=24, choices=ROLE_CHOICES)
    area = models.ForeignKey(Area, models.PROTECT, null=True, blank=True, related_name="posts", verbose_name=_("area"))
    department = models.ForeignKey(
        Department, models.PROTECT, null=True, blank=True, related_name="posts", verbose_name=_("department")
    )
    valid_from = models.DateField(_("valid from"))
    valid_to = models.DateField(_("valid to"), null=True, blank=True)

    objects = PostQuerySet.as_manager()

    class Meta:
        verbose_name = _("post")
        verbose_name_plural = _("posts")
        ordering = ["user", "role"]
        constraints = [
            models.CheckConstraint(
                condition=Q(role__in=sorted(DEPARTMENT_ROLES), department__isnull=False, area__isnull=True)
                | (~Q(role__in=sorted(DEPARTMENT_ROLES)) & Q(department__isnull=True, area__isnull=False)),
                name="post_in_its_kind_of_place",
                violation_error_message=_("Department roles name a department, all others an area."),
            ),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=models.F("valid_from")),
                name="post_ends_after_it_begins",
                violation_error_message=_("A post cannot end before it begins."),
            ),
            models.UniqueConstraint(
                fields=["user", "role", "area", "department", "valid_from"],
                nulls_distinct=False,
                name="post_once",
            ),
        ]
        indexes = [
            # Whom the sweep tells: the holders of a role in a department.
            models.Index(fields=["department", "role"], name="post_department_role"),
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.get_role_display()}"
