"""The web pages of areas, departments, users, posts and logins."""

from grids.admin import people, places, security

__all__ = ["people", "places", "security"]
