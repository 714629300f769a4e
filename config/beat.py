"""The beat's scheduler: redbeat, with a short farewell when its lock is gone."""

import structlog
from redbeat import RedBeatScheduler
from redis.exceptions import LockError

log = structlog.get_logger(__name__)


class Scheduler(RedBeatScheduler):
    """Two beats never tick at once: one holds the lock in Redis, and whoever lost it ends.

    The lock is lost when Redis was flushed or lost its memory. Going on would risk two beats, so this one ends and
    whoever runs it (the supervisor of the demo, the restart policy of a container) starts it again.
    """

    def tick(self, *args: object, **kwargs: object) -> float:
        try:
            return float(super().tick(*args, **kwargs))
        except LockError:
            log.warning("the beat lost its lock in Redis and ends, to be started again")
            raise SystemExit(1) from None
