"""What people read for the codes of this room."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from grids.roles import Role


class AreaLevel(TextChoices):
    COUNTY = "county", _("County")
    TOWNSHIP = "township", _("Township")
    VILLAGE = "village", _("Village")
    GRID = "grid", _("Grid")
    MICRO_GRID = "micro_grid", _("Micro-grid")


class DepartmentKind(TextChoices):
    COUNTY = "county", _("County department")
    CENTER = "center", _("County grid service center")
    TOWNSHIP = "township", _("Township government")
    STATION = "station", _("Station in a township")


ROLE_LABELS = {
    Role.GRID_WORKER: _("Grid worker"),
    Role.INTAKE_OFFICER: _("Intake officer"),
    Role.TOWNSHIP_DISPATCHER: _("Township dispatcher"),
    Role.TOWNSHIP_LEADER: _("Township leader"),
    Role.CENTER_DISPATCHER: _("Center dispatcher"),
    Role.DEPARTMENT_HANDLER: _("Department handler"),
    Role.DEPARTMENT_DEPUTY: _("Department deputy head"),
    Role.DEPARTMENT_HEAD: _("Department head"),
    Role.INSPECTOR: _("Inspector"),
    Role.PETITION_OFFICER: _("Petition officer"),
    Role.AUDITOR: _("Auditor"),
    Role.SECURITY_ADMIN: _("Security administrator"),
    Role.SYSTEM_ADMIN: _("System administrator"),
}
ROLE_CHOICES = [(role.value, label) for role, label in ROLE_LABELS.items()]
