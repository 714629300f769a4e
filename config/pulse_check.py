"""`python -m config.pulse_check worker|beat|courier`: the health check of the parts that serve no page.

Exit code 0 when the part gave a sign of life within four sweep intervals, else 1 and one sentence.
"""

import os
import sys
from datetime import UTC, datetime, timedelta

import redis

INTERVALS = 4


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.conf import settings

    from cases import pulse
    from notifications.pulse import last_courier

    signs = {"worker": pulse.last_worker, "beat": pulse.last_beat, "courier": last_courier}
    if len(sys.argv) != 2 or sys.argv[1] not in signs:
        sys.exit("usage: python -m config.pulse_check worker|beat|courier")
    name = sys.argv[1]
    try:
        last = signs[name]()
    except redis.RedisError as error:
        sys.exit(f"Redis does not answer: {error}")
    if not is_fresh(last, now=datetime.now(UTC), interval=settings.SWEEP_INTERVAL):
        sys.exit(f"the last sign of life of the {name} is from {last}")


def is_fresh(last: datetime | None, *, now: datetime, interval: int) -> bool:
    """`interval` is the sweep's, in seconds."""
    return last is not None and now - last <= timedelta(seconds=INTERVALS * interval)


if __name__ == "__main__":
    main()
