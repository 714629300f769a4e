"""Distances on the ground. Pure."""

from math import asin, cos, radians, sin, sqrt

EARTH_RADIUS_M = 6_371_000


def distance_m(here: tuple[float, float], there: tuple[float, float]) -> int:
    """Metres along the great circle between two WGS84 positions, each (latitude, longitude) in degrees."""
    (lat1, lng1), (lat2, lng2) = ((radians(lat), radians(lng)) for lat, lng in (here, there))
    half = sin((lat2 - lat1) / 2) ** 2 + cos(lat1) * cos(lat2) * sin((lng2 - lng1) / 2) ** 2
    return round(2 * EARTH_RADIUS_M * asin(sqrt(half)))
