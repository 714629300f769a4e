"""The service's own settings, with a clock that a test can step: a file holds its shift in seconds."""

import os
from datetime import datetime, timedelta
from pathlib import Path

import django.utils.timezone

from config.settings import *  # noqa: F403

_SHIFT = Path(os.environ["FAULT_CLOCK"])
_now = django.utils.timezone.now


def _shifted() -> datetime:
    return _now() + timedelta(seconds=float(_SHIFT.read_text(encoding="ascii")))


django.utils.timezone.now = _shifted
WEBHOOK_PLAIN_HTTP = True
