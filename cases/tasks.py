"""The heartbeat: Celery only says that time has passed; the rows know what is due (architecture.md, "The engine")."""

from datetime import timedelta

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from cases import pulse
from cases.escalation import sweep


@shared_task(name="cases.tasks.sweep", ignore_result=True)  # type: ignore[untyped-decorator]  # celery has no types
def sweep_due() -> None:
    now = timezone.now()
    sweep(now=now, size=settings.SWEEP_BATCH, grace=timedelta(seconds=settings.SWEEP_GRACE))
    pulse.beat(now=timezone.now())
