"""Roles of the county's grid service (domain.md, "Roles"). Pure: no Django.

A post is a user in a role in one area or one department, from–to; all permission comes from posts.
"""

from enum import StrEnum


class Role(StrEnum):
    GRID_WORKER = "grid_worker"
    INTAKE_OFFICER = "intake_officer"
    TOWNSHIP_DISPATCHER = "township_dispatcher"
    TOWNSHIP_LEADER = "township_leader"
    CENTER_DISPATCHER = "center_dispatcher"
    DEPARTMENT_HANDLER = "department_handler"
    DEPARTMENT_DEPUTY = "department_deputy"
    DEPARTMENT_HEAD = "department_head"
    INSPECTOR = "inspector"
    PETITION_OFFICER = "petition_officer"
    AUDITOR = "auditor"
    SECURITY_ADMIN = "security_admin"
    SYSTEM_ADMIN = "system_admin"


#: Held in a department; every other role is held in an area.
DEPARTMENT_ROLES = frozenset({Role.DEPARTMENT_HANDLER, Role.DEPARTMENT_DEPUTY, Role.DEPARTMENT_HEAD})

#: See every case inside their area, whoever collected it.
AREA_CASE_ROLES = frozenset(
    {
        Role.GRID_WORKER,
        Role.TOWNSHIP_DISPATCHER,
        Role.TOWNSHIP_LEADER,
        Role.CENTER_DISPATCHER,
        Role.INSPECTOR,
    }
)

#: Roles that never see a case: they read logs and figures, or configure the service.
CASELESS_ROLES = frozenset({Role.AUDITOR, Role.SECURITY_ADMIN, Role.SYSTEM_ADMIN})
