"""Dates in English as the desk writes them: 22 Nov 2026 17:30, and never half past five p.m."""

DATE_FORMAT = "j M Y"
DATETIME_FORMAT = "j M Y H:i"
TIME_FORMAT = "H:i"
