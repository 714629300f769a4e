"""Reference data for the forms of a case page, looked up only when a form asks for it."""

from dataclasses import dataclass
from functools import cached_property

from django.db.models import Q
from django.utils.functional import Promise

from cases.admin.wording import SHAPES
from cases.colours import Colour
from cases.guards import dispatches_anywhere
from cases.models import Case, Category, Petitioner
from grids.actors import Actor
from grids.labels import DepartmentKind
from grids.models import Department, User

Words = str | Promise
Choices = list[tuple[str, Words | list[tuple[str, Words]]]]


@dataclass
class Reference:
    """What one person may choose from on one case."""

    actor: Actor
    case: Case

    @cached_property
    def categories(self) -> Choices:
        return category_choices()

    @cached_property
    def _units(self) -> list[Department]:
        wanted = Department.objects.filter(is_active=True)
        if not dispatches_anywhere(self.actor, self.case):
            wanted = wanted.filter(self._own_units())
        return list(wanted.order_by("kind", "code"))

    @property
    def departments(self) -> Choices:
        """The units that this person may call: all for the centre, the township's own for a township."""
        names: dict[str, list[tuple[str, Words]]] = {}
        for unit in self._units:
            names.setdefault(unit.kind, []).append((unit.code, unit.name))
        return [(str(DepartmentKind(kind).label), units) for kind, units in names.items()]

    @property
    def usual_lead(self) -> str | None:
        """The department that the case's category usually calls, when this person may call it."""
        wanted = self.case.category.lead_department_id if self.case.category else None
        return next((unit.code for unit in self._units if unit.pk == wanted), None)

    @cached_property
    def officers(self) -> Choices:
        """Everybody with an account, by name."""
        rows = User.objects.filter(is_active=True).order_by("username")
        return [(username, f"{name} ({username})") for username, name in rows.values_list("username", "full_name")]

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
        """The alerts that nobody of the told unit has acknowledged, worst first."""
        alerts = [alert for alert in self.case.alerts.all() if alert.pk in subjects]
        alerts.sort(key=lambda alert: -alert.colour)
        return [
            (str(a.pk), f"{SHAPES[Colour(a.colour)]} {a.get_colour_display()} · {a.clock.get_kind_display()}")
            for a in alerts
        ]

    def _own_units(self) -> Q:
        township = self.case.dispatch_unit.area.code if self.case.dispatch_unit else self.case.area_code
        own = [DepartmentKind.TOWNSHIP, DepartmentKind.STATION]
        return Q(kind__in=own, area__code__startswith=township)


def category_choices() -> Choices:
    """Second-level topics under their topic; a topic with nothing under it stands for itself. One query."""
    rows = list(Category.objects.filter(is_active=True).order_by("code"))
    under: dict[int, list[tuple[str, Words]]] = {}
    for row in rows:
        if row.parent_id is not None:
            under.setdefault(row.parent_id, []).append((row.code, row.name))
    tops = [row for row in rows if row.parent_id is None]
    return [(top.name, under.get(top.pk) or [(top.code, top.name)]) for top in tops]
