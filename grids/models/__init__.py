from grids.models.device import Device
from grids.models.people import Post, PostQuerySet, User
from grids.models.place import Area, AreaOutline, Department

__all__ = ["Area", "AreaOutline", "Department", "Device", "Post", "PostQuerySet", "User"]
