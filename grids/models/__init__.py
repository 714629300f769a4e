from grids.models.device import Device
from grids.models.people import Post, PostQuerySet, User
from grids.models.place import Area, Department

__all__ = ["Area", "Department", "Device", "Post", "PostQuerySet", "User"]
