"""Area of polygons on the earth, in square kilometres.

The ellipsoid WGS 84 is mapped to a plane by Lambert's cylindrical equal-area projection: areas there are areas on the
ellipsoid, so the shoelace formula gives them. Exact but for one thing: an edge counts as straight in that plane and not
in degrees. For edges of a degree, far longer than any on a map of a front, that is less than one part in 10,000.

Snyder (1987), Map Projections: A Working Manual, USGS Professional Paper 1395, equations 3-12 and 10-15,
doi 10.3133/pp1395.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

EQUATORIAL_RADIUS_KM = 6378.137  # WGS 84
FLATTENING = 1 / 298.257223563  # WGS 84
ECCENTRICITY = float(np.sqrt(FLATTENING * (2 - FLATTENING)))

Ring = Sequence[Sequence[float]]


def ring_area_km2(ring: Ring) -> float:
    """Area inside a closed ring of (longitude, latitude) in degrees; its direction does not matter.

    >>> round(ring_area_km2([(0, 0), (1, 0), (1, 1), (0, 1), (0, 0)]), 1)
    12308.5
    """
    longitude, latitude = np.radians(np.asarray([point[:2] for point in ring], dtype=float)).T
    height = _authalic(np.sin(latitude))
    cross = longitude[:-1] * height[1:] - longitude[1:] * height[:-1]
    return abs(float(cross.sum())) / 2


def polygon_area_km2(rings: Sequence[Ring]) -> float:
    """Area of a polygon: its first ring less the holes, which are the others."""
    outer, *holes = (ring_area_km2(ring) for ring in rings)
    return outer - sum(holes)


def _authalic(sine: np.ndarray) -> np.ndarray:
    """Area in square kilometres between the equator and a latitude, for one radian of longitude."""
    e = ECCENTRICITY
    q = (1 - e**2) * (sine / (1 - (e * sine) ** 2) + np.arctanh(e * sine) / e)
    return EQUATORIAL_RADIUS_KM**2 * q / 2
