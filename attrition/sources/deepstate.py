"""Ground shown as held on a map of one day: polygons in GeoJSON, of which the area alone is kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from attrition.sources import strict
from attrition.sources.area import polygon_area_km2
from attrition.sources.manifest import Manifest


def parse(source: Manifest, payloads: Mapping[str, bytes]) -> dict[str, pd.DataFrame]:
    """Add up the areas of the map's polygons; its day is in its name."""
    content = strict.Record(strict.read_json(payloads["map"], "map"), "map")
    day = strict.day(content.pop("name"), "map, name", source.settings["name"])
    features = strict.read_list(content.pop("features"), "map")
    content.done(["type", "crs"])
    polygons = [rings for feature in features for rings in _polygons(feature, source.settings["box"])]
    if not polygons:
        raise strict.SourceError("Expected polygons in map, found none: look at the file.")
    area = sum(polygon_area_km2(rings) for rings in polygons)
    return {source.only: strict.table([{"date": day, "km2": f"{area:.1f}"}], ["date"], "map")}


def _polygons(feature: strict.Record, box: Mapping[str, Any]) -> list:
    feature.done(["type", "properties", "geometry", "id"])
    geometry = strict.Record(feature.pop("geometry"), feature.place)
    kind, polygons = geometry.pop("type"), geometry.pop("coordinates")
    geometry.done()
    if kind not in ("Polygon", "MultiPolygon"):
        raise strict.SourceError(f"Expected polygons in {feature.place}, found {strict.quote(kind)}.")
    polygons = [polygons] if kind == "Polygon" else polygons
    try:
        return [
            [[(float(point[0]), float(point[1])) for point in _closed(ring, box)] for ring in one] for one in polygons
        ]
    except (TypeError, ValueError, IndexError, KeyError) as error:
        raise strict.SourceError(
            f"Expected closed rings of longitude and latitude in {feature.place}, found {strict.quote(error)}."
        ) from None


def _closed(ring: list, box: Mapping[str, Any]) -> list:
    if len(ring) < 4 or ring[0] != ring[-1]:
        raise ValueError("an open ring")
    for longitude, latitude, *_ in ring:
        if not (box["west"] <= longitude <= box["east"] and box["south"] <= latitude <= box["north"]):
            raise ValueError(f"a point at {longitude}, {latitude}")
    return ring
