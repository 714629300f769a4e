"""Taking in officers and their posts from a list: each row is one person, and mostly one post.

Nothing that is here is changed: a post that exists is not doubled, and one that differs is told and left alone. New
users have no password at all until an administrator sets one on their page: none ever stands in a file.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any, TypeVar

from django.contrib.admin.models import ADDITION, LogEntry
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q, Value
from django.db.models.functions import Lower
from django.utils import translation
from django.utils.translation import gettext as _

from grids.labels import ROLE_LABELS
from grids.models import Area, Department, Post, User
from grids.roles import DEPARTMENT_ROLES, Role

_Place = TypeVar("_Place", Area, Department)


class Refused(Exception):
    """A row that cannot be taken: each field at fault, with one sentence."""

    def __init__(self, *faults: tuple[str, str]) -> None:
        super().__init__(" ".join(sentence for _field, sentence in faults))
        self.faults = faults


class Appointed(StrEnum):
    """What became of a row."""

    USER = "user"  # a person without a post
    POST = "post"  # a post of somebody who was here
    BOTH = "both"
    KNOWN = "known"


@dataclass(frozen=True, slots=True)
class Written:
    """A row as it was written; `since` and `until` are days, both included."""

    username: str
    full_name: str = ""
    role: str = ""
    place: str = ""
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class _Wanted:
    role: Role
    place: Area | Department
    since: date
    until: date | None


class _Rehearsed:
    """What a rehearsal would have stored so far: found as what is stored is found, and by the same rules."""

    def __init__(self) -> None:
        self._users: dict[str, User] = {}
        self._posts: dict[tuple[Any, ...], list[Post]] = defaultdict(list)

    def user(self, username: str) -> User | None:
        return self._users.get(username.lower())

    def posts(self, user: User, wanted: _Wanted) -> list[Post]:
        return [post for post in self._posts[self._key(user, wanted)] if _overlap(post, wanted)]

    def note(self, user: User, wanted: _Wanted | None) -> None:
        self._users.setdefault(user.username.lower(), user)
        if wanted is not None:
            self._posts[self._key(user, wanted)].append(Post(valid_from=wanted.since, valid_to=wanted.until))

    def _key(self, user: User, wanted: _Wanted) -> tuple[Any, ...]:
        return user.username.lower(), wanted.role, wanted.place


class Appointer:
    """Areas, departments and roles are looked up once for a whole list. `by`: the user who brings it."""

    def __init__(self, *, by: int, today: date, dry_run: bool) -> None:
        self._by, self._today, self._dry_run = by, today, dry_run
        areas, units = list(Area.objects.filter(is_active=True)), list(Department.objects.filter(is_active=True))
        self._areas = _unique((a.name, a) for a in areas) | {a.code: a for a in areas}
        names = [(name, unit) for unit in units for name in {unit.name, unit.short_name}]
        self._units = _unique(names) | {unit.code: unit for unit in units}
        self._roles = roles_by_label()
        self._rehearsed = _Rehearsed()

    def take(self, row: Written) -> Appointed:
        """Errors: Refused. Each row is a transaction of its own; a rehearsal differs in nothing but the storing."""
        row = replace(row, username=User.normalize_username(row.username))
        user, wanted = self._understood(row)
        missing = user is None
        person = user or _new_user(row)
        post = wanted is not None and not self._is_here(person, wanted)
        if not missing and not post:
            return Appointed.KNOWN
        if self._dry_run:
            self._rehearsed.note(person, wanted if post else None)
        elif not self._store(person, wanted if post else None):
            return Appointed.KNOWN
        return Appointed.BOTH if missing and post else Appointed.USER if missing else Appointed.POST

    def _understood(self, row: Written) -> tuple[User | None, _Wanted | None]:
        """Both at once, so that a row with faults in both is mended in one go."""
        user, wanted, faults = None, None, list[tuple[str, str]]()
        try:
            user = self._user(row)
        except Refused as refusal:
            faults += refusal.faults
        try:
            wanted = self._wanted(row)
        except Refused as refusal:
            faults += refusal.faults
        if faults:
            raise Refused(*faults)
        return user, wanted

    def _user(self, row: Written) -> User | None:
        """The user of that name; a new one must be complete. Two people of one user name are never mixed up."""
        named = User.objects.alias(name=Lower("username")).filter(name=Lower(Value(row.username)))
        user = named.first() or self._rehearsed.user(row.username)
        if user is None:
            _check_new(row)
            return None
        if row.full_name and row.full_name != user.full_name:
            sentence = _("This user name belongs to %(name)s here. Nothing was changed.")
            raise Refused(("full_name", sentence % {"name": user.full_name}))
        if not user.is_active:
            sentence = _("This user may no longer log in. Let an administrator decide on the user's page.")
            raise Refused(("username", sentence))
        return user

    def _wanted(self, row: Written) -> _Wanted | None:
        if not row.role and not row.place:
            return None
        role = self._roles.get(row.role.casefold())
        if role is None:
            raise Refused(("role", _("There is no such role.") if row.role else _("A place without a role.")))
        since = row.since or self._today
        if row.until is not None and row.until < since:
            raise Refused(("valid_to", _("A post cannot end before it begins.")))
        return _Wanted(role, self._place(role, row.place), since, row.until)

    def _place(self, role: Role, written: str) -> Area | Department:
        if role in DEPARTMENT_ROLES:
            if (unit := self._units.get(written)) is not None:
                return unit
            raise Refused(("place", _("There is no department with this code or name, or several have it.")))
        if (area := self._areas.get(written)) is not None:
            return area
        raise Refused(("place", _("There is no area with this code or name, or several have it.")))

    def _is_here(self, user: User, wanted: _Wanted) -> bool:
        """Whether the person holds that post in that time already. Refused when it is there for another time."""
        held = [*_stored_posts(user, wanted), *self._rehearsed.posts(user, wanted)]
        if not held:
            return False
        if any((one.valid_to, one.valid_from) == (wanted.until, wanted.since) or _covers(one, wanted) for one in held):
            return True
        first = min(held, key=lambda one: one.valid_from)
        sentence = _("This post is here already from %(since)s to %(until)s. Change it on its page.")
        raise Refused(("valid_from", sentence % {"since": first.valid_from, "until": first.valid_to or "…"}))

    def _store(self, user: User, wanted: _Wanted | None) -> bool:
        """False when somebody else wrote the same at this moment."""
        try:
            with transaction.atomic():
                made: list[Any] = [] if user.pk else [user]
                if not user.pk:
                    user.save(force_insert=True)
                if wanted is not None:
                    post = Post(user=user, valid_from=wanted.since, valid_to=wanted.until, **_where(wanted))
                    post.save(force_insert=True)
                    made.append(post)
                _log(made, by=self._by)
        except IntegrityError:
            return False
        return True


def _check_new(row: Written) -> None:
    if not row.username:
        raise Refused(("username", _("There is no user name.")))
    if not row.full_name:
        raise Refused(("full_name", _("There is no user of this name yet, and no full name to make one.")))
    try:
        _new_user(row).clean_fields(exclude=["password"])
    except ValidationError as error:
        faults = [(field, " ".join(sentences)) for field, sentences in error.message_dict.items()]
        raise Refused(*faults) from error


def _new_user(row: Written) -> User:
    user = User(username=row.username, full_name=row.full_name)
    user.set_unusable_password()
    return user


def _where(wanted: _Wanted) -> dict[str, Any]:
    area, unit = (None, wanted.place) if isinstance(wanted.place, Department) else (wanted.place, None)
    return {"role": wanted.role.value, "area": area, "department": unit}


def _stored_posts(user: User, wanted: _Wanted) -> list[Post]:
    if not user.pk:
        return []
    overlap = Q(valid_to=None) | Q(valid_to__gte=wanted.since)
    if wanted.until is not None:
        overlap &= Q(valid_from__lte=wanted.until)
    return list(Post.objects.filter(overlap, user=user, **_where(wanted)))


def _overlap(post: Post, wanted: _Wanted) -> bool:
    """As `_stored_posts` asks the database."""
    return (post.valid_to is None or post.valid_to >= wanted.since) and (
        wanted.until is None or post.valid_from <= wanted.until
    )


def _covers(held: Post, wanted: _Wanted) -> bool:
    """A row without an end repeats a post that has none, whenever that one began."""
    return held.valid_to is None and wanted.until is None and held.valid_from <= wanted.since


def _log(made: list[Any], *, by: int) -> None:
    for row in made:
        LogEntry.objects.log_actions(by, [row], ADDITION, change_message="import", single_object=True)


def _unique(named: Iterable[tuple[str, _Place]]) -> dict[str, _Place]:
    """Only names that say which one is meant."""
    rows = list(named)
    times = Counter(name for name, _row in rows)
    return {name: row for name, row in rows if times[name] == 1}


def roles_by_label() -> dict[str, Role]:
    """Roles by code and by the words that people read, in both languages."""
    roles = {role.value: role for role in Role}
    for language in ("en", "zh-hans"):
        with translation.override(language):
            roles |= {str(label).casefold(): role for role, label in ROLE_LABELS.items()}
    return roles
