from cases.models.assignment import Assignment
from cases.models.attachment import Attachment
from cases.models.case import Case, CaseText, Category, Petitioner
from cases.models.clock import Alert, Clock
from cases.models.dispute import Objection, WhistleProposal
from cases.models.errand import Errand
from cases.models.export import ExportNote
from cases.models.journal import JournalEvent, JournalMaintenance
from cases.models.layout import ListColumns, SavedView
from cases.models.meeting import Meeting, MeetingItem
from cases.models.phrase import Phrase
from cases.models.policy import CalendarVersion, PolicyVersion
from cases.models.rating import Rating
from cases.models.reason import Reason
from cases.models.recompute import CalendarRecompute
from cases.models.reconciliation import Reconciliation
from cases.models.request import Request
from cases.models.standing import Standing
from cases.models.standstill import ClockAdjustment, ExtensionRequest, Suspension
from cases.models.suggestion import SuggestionChoice
from cases.models.supervision import InterviewProposal, SupervisionOrder
from cases.models.sweep import SweepDay, SweepRun
from cases.models.sync import Audience, Change, Departure

__all__ = [
    "Alert",
    "Assignment",
    "Attachment",
    "Audience",
    "CalendarRecompute",
    "CalendarVersion",
    "Case",
    "CaseText",
    "Category",
    "Change",
    "Clock",
    "ClockAdjustment",
    "Departure",
    "Errand",
    "ExportNote",
    "ExtensionRequest",
    "InterviewProposal",
    "JournalEvent",
    "JournalMaintenance",
    "ListColumns",
    "Meeting",
    "MeetingItem",
    "Objection",
    "Petitioner",
    "Phrase",
    "PolicyVersion",
    "Rating",
    "Reason",
    "Reconciliation",
    "Request",
    "SavedView",
    "Standing",
    "SuggestionChoice",
    "SupervisionOrder",
    "Suspension",
    "SweepDay",
    "SweepRun",
    "WhistleProposal",
]
