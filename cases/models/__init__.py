from cases.models.assignment import Assignment
from cases.models.case import Case, CaseText, Category, Petitioner
from cases.models.clock import Alert, Clock
from cases.models.journal import JournalEvent, JournalMaintenance
from cases.models.policy import CalendarVersion, PolicyVersion
from cases.models.rating import Rating
from cases.models.request import Request

__all__ = [
    "Alert",
    "Assignment",
    "CalendarVersion",
    "Case",
    "CaseText",
    "Category",
    "Clock",
    "JournalEvent",
    "JournalMaintenance",
    "Petitioner",
    "PolicyVersion",
    "Rating",
    "Request",
]
