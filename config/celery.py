"""The heartbeat: Celery ticks, the rows know what is due (design/architecture.md, The engine).

No task carries a deadline, so nothing is lost when Redis is flushed or a worker is killed: the next tick finds
the same rows. That is why a task is acknowledged when it begins, why a tick that waited longer than one interval
is thrown away, and why no result is kept.
"""

import os

from celery import Celery
from celery.schedules import crontab
from django.conf import settings

from config.broker import broker_url
from notifications.states import ChannelName

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

BEAT_LOCK_SECONDS = 30  # how long after a crash of the beat another one may take over
ERRAND_INTERVAL = 5.0  # seconds: how soon what an officer asked for is begun
FURTHER_INTERVAL = 60.0  # seconds: how soon an interrupted recomputation or reconciliation goes on
DAYTIME = 15 * 3600  # from eight in the morning until an hour before midnight
TASK_SECONDS = 600  # a task that hangs is killed; its rows are free again with its connection

#: What was told is on its way within two ticks of the outbox.
OUTBOX_INTERVAL = float(settings.OUTBOX_INTERVAL)
DELIVERY_QUEUE = "delivery"

#: Each channel has a tick of its own, so that none waits for another.
_DELIVERIES = {
    f"deliver-{channel}": {
        "task": "notifications.tasks.deliver",
        "schedule": OUTBOX_INTERVAL,
        "args": [channel.value],
        "options": {"expires": OUTBOX_INTERVAL},
    }
    for channel in ChannelName
}

app = Celery("whistle")
app.conf.update(
    broker_url=broker_url(settings.REDIS_URL),
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    accept_content=["json"],
    task_serializer="json",
    task_ignore_result=True,
    result_expires=None,  # nothing is kept, so the beat has nothing to clean up
    task_acks_late=False,
    task_time_limit=TASK_SECONDS,
    worker_cancel_long_running_tasks_on_connection_loss=True,
    worker_prefetch_multiplier=1,
    worker_concurrency=settings.WORKER_CONCURRENCY,
    worker_hijack_root_logger=False,
    worker_redirect_stdouts=False,
    timezone=settings.TIME_ZONE,
    # Delivery has workers of its own (`-Q delivery`): a mail server that hangs delays no colour.
    task_routes={"notifications.tasks.*": {"queue": DELIVERY_QUEUE}},
    beat_scheduler="config.beat.Scheduler",
    beat_max_loop_interval=5,
    redbeat_redis_url=settings.REDIS_URL,
    redbeat_redis_options={"retry_period": BEAT_LOCK_SECONDS},
    redbeat_key_prefix="redbeat:",  # cases/pulse.py reads the entry of the sweep
    redbeat_lock_timeout=BEAT_LOCK_SECONDS,
    beat_schedule={
        "sweep": {
            "task": "cases.tasks.sweep",
            "schedule": float(settings.SWEEP_INTERVAL),
            "options": {"expires": settings.SWEEP_INTERVAL},
        },
        "route": {
            "task": "notifications.tasks.route",
            "schedule": OUTBOX_INTERVAL,
            "options": {"expires": OUTBOX_INTERVAL},
        },
        **_DELIVERIES,
        "forget-deliveries": {
            "task": "notifications.tasks.forget",
            "schedule": crontab(hour=2, minute=40),
            "options": {"expires": 3600.0},
        },
        # In the time zone above. A worker that was down still does the day's work until the day is over.
        "weekly-meeting": {
            "task": "cases.tasks.weekly_meeting",
            "schedule": crontab(hour=8, minute=0, day_of_week="wed"),
            "options": {"expires": DAYTIME},
        },
        "monthly-meeting": {  # the first workday of a month comes after the longest holiday at the latest
            "task": "cases.tasks.monthly_meeting",
            "schedule": crontab(hour=8, minute=0, day_of_month="1-12"),
            "options": {"expires": DAYTIME},
        },
        "clean-uploads": {
            "task": "cases.tasks.clean_uploads",
            "schedule": crontab(minute=17),
            "options": {"expires": 3000.0},
        },
        "errands": {
            "task": "cases.tasks.errands",
            "schedule": ERRAND_INTERVAL,
            "options": {"expires": ERRAND_INTERVAL},
        },
        "clean-errands": {
            "task": "cases.tasks.clean_errands",
            "schedule": crontab(minute=37),
            "options": {"expires": 3000.0},
        },
        "anonymise": {
            "task": "cases.tasks.anonymise",
            "schedule": crontab(hour="1-4", minute="5,20,35,50"),
            "options": {"expires": 800.0},
        },
        "forget-sweeps": {
            "task": "cases.tasks.forget_sweeps",
            "schedule": crontab(hour=3, minute=10),
            "options": {"expires": DAYTIME},
        },
        "forget-departures": {
            "task": "cases.tasks.forget_departures",
            "schedule": crontab(hour=3, minute=15),
            "options": {"expires": DAYTIME},
        },
        "interviews": {
            "task": "cases.tasks.interviews",
            "schedule": crontab(hour=7, minute=30),
            "options": {"expires": DAYTIME},
        },
        "recompute-clocks": {
            "task": "cases.tasks.recompute_clocks",
            "schedule": FURTHER_INTERVAL,
            "options": {"expires": FURTHER_INTERVAL},
        },
        "reconcile": {
            "task": "cases.tasks.reconcile",
            "schedule": crontab(hour=3, minute=30),
            "options": {"expires": DAYTIME},
        },
        "reconcile-further": {
            "task": "cases.tasks.reconcile_further",
            "schedule": FURTHER_INTERVAL,
            "options": {"expires": FURTHER_INTERVAL},
        },
        "check-calendar": {
            "task": "cases.tasks.check_calendar",
            "schedule": crontab(hour=8, minute=0),
            "options": {"expires": 3600.0},
        },
    },
)
app.autodiscover_tasks()
