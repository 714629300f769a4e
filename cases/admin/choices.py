"""Reference data for the forms of a case page, looked up only when a form asks for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Final

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from cases.admin.wording import SHAPES
from cases.categories import CATEGORIES
from cases.colours import Colour
from cases.glance import Load, loads
from cases.guards import dispatches_anywhere, is_own_unit
from cases.minutes import Minute
from cases.models import Case, Petitioner
from cases.workflow import Action
from grids.actors import Actor
from grids.book import DEPARTMENTS
from grids.labels import DepartmentKind
from grids.models import Department, Post
from grids.roles import DEPARTMENT_ROLES

Words = str | Promise
#: By person: what somebody sees in hand depends on the own areas.
LOADS: Final[Minute[int | None, Mapping[int, Load]]] = Minute()
Choices = list[tuple[str, Words | list[tuple[str, Words]]]]

#: A township calls its own units by itself; for others it proposes a whistle.
_OWN_UNITS_ONLY = frozenset({Action.DISPATCH, Action.REASSIGN, Action.ADD_ASSISTANT, Action.DECIDE_OBJECTION})


@dataclass
class Reference:
    """What one person may choose from on one case."""

    actor: Actor
    case: Case
    now: datetime

    @cached_property
    def categories(self) -> Choices:
        return category_choices()

    @cached_property
    def _units(self) -> list[Department]:
        return sorted((unit for unit in DEPARTMENTS.all() if unit.is_active), key=lambda unit: (unit.kind, unit.code))

    def _callable(self, action: Action) -> list[Department]:
        """The units that this person may name: a township calls its own, and proposes or is asked for any."""
        if action not in _OWN_UNITS_ONLY or dispatches_anywhere(self.actor, self.case):
            return self._units
        return [unit for unit in self._units if is_own_unit(self.case, unit)]

    def departments(self, action: Action) -> Choices:
        names: dict[str, list[tuple[str, Words]]] = {}
        for unit in self._callable(action):
            names.setdefault(unit.kind, []).append((unit.code, self._with_load(unit)))
        return [(str(DepartmentKind(kind).label), units) for kind, units in names.items()]

    def _with_load(self, unit: Department) -> str:
        """What the unit has in hand in this person's areas, and how much of it is red: seen while choosing."""
        load = self._loads.get(unit.pk)
        if load is None or not (load.parts or load.reds):
            return unit.name
        words = _("%(unit)s · %(count)d in hand") % {"unit": unit.name, "count": load.parts}
        return f"{words} · {SHAPES[Colour.RED]} {load.reds}" if load.reds else words

    @cached_property
    def _loads(self) -> Mapping[int, Load]:
        return LOADS.of(self.actor.user_id, now=self.now, read=lambda: loads(self.actor)).value

    def usual_lead(self, action: Action) -> str | None:
        """The department that the case's category usually calls, when this person may call it."""
        wanted = self.case.category.lead_department_id if self.case.category else None
        return next((unit.code for unit in self._callable(action) if unit.pk == wanted), None)

    @cached_property
    def people(self) -> Choices:
        """Who holds a post in a department of the case, by department: those who can be made responsible."""
        units = {a.department_id for a in self.case.assignments.all()}
        units |= {clock.charged_id for clock in self.case.clocks.all() if clock.charged_id}
        posts = Post.objects.filter(department__in=sorted(units), role__in=sorted(DEPARTMENT_ROLES))
        names: dict[str, list[tuple[str, Words]]] = {}
        for post in posts.select_related("user", "department").order_by("department__code", "user__username"):
            if post.department is not None:
                names.setdefault(post.department.short_name, []).append((post.user.username, post.user.full_name))
        return list(names.items())

    @cached_property
    def petitioners(self) -> Choices:
        """Who may rate: by pseudonym, with the number of the case that each of them raised."""
        people = Petitioner.objects.filter(Q(case=self.case) | Q(case__master=self.case), erased_at=None)
        rows = people.order_by("pk").values_list("pk", "pseudonym", "case__number")
        return [(str(pk), f"{pseudonym} · {number}") for pk, pseudonym, number in rows]

    def assignments(self, subjects: tuple[int, ...]) -> Choices:
        """The parts of the case that an action can name."""
        parts = [part for part in self.case.assignments.all() if part.pk in subjects]
        return [(str(part.pk), f"{part.department.short_name} · {part.get_role_display()}") for part in parts]

    def alerts(self, subjects: tuple[int, ...]) -> Choices:
        """The alerts that an action can name, worst first."""
        alerts = [alert for alert in self.case.alerts.all() if alert.pk in subjects]
        alerts.sort(key=lambda alert: -alert.colour)
        return [
            (str(a.pk), f"{SHAPES[Colour(a.colour)]} {a.get_colour_display()} · {a.clock.get_kind_display()}")
            for a in alerts
        ]

    def orders(self, subjects: tuple[int, ...]) -> Choices:
        """The supervision orders that an action can name."""
        return [
            (str(order.pk), f"{order.department.short_name} · {order.get_card_display()}")
            for order in self.case.supervision_orders.all()
            if order.pk in subjects
        ]


def category_choices() -> Choices:
    """Second-level topics under their topic; a topic with nothing under it stands for itself."""
    rows = sorted((row for row in CATEGORIES.all() if row.is_active), key=lambda row: row.code)
    under: dict[int, list[tuple[str, Words]]] = {}
    for row in rows:
        if row.parent_id is not None:
            under.setdefault(row.parent_id, []).append((row.code, row.name))
    tops = [row for row in rows if row.parent_id is None]
    return [(top.name, under.get(top.pk) or [(top.code, top.name)]) for top in tops]
