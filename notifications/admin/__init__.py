"""The inbox: everybody's own messages, and nobody else's."""

from notifications.admin import inbox

__all__ = ["inbox"]
