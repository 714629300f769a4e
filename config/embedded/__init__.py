"""PostgreSQL and Valkey from their wheels, for the demo, the tests and small offices.

`hold(folder)` finds the two servers of a data folder or starts them, and keeps them up until `release()`; the
last holder stops them. Nothing here knows Django, and nothing listens on a TCP port.
"""

from config.embedded.errors import EmbeddedError
from config.embedded.holding import Services, find, hold
from config.embedded.removal import remove

__all__ = ["EmbeddedError", "Services", "find", "hold", "remove"]
