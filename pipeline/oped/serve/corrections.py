"""Corrected maps that come in: a map of the very article, whole and well-formed, or a refusal."""

import json
from collections.abc import Mapping
from typing import Any

from fastapi import HTTPException

from oped.records import ArgumentMap

_SAME = ("id", "text", "language", "title", "authors", "published", "url", "source")


def checked_correction(data: Mapping[str, Any], kept: Mapping[str, Any]) -> dict[str, Any]:
    """A corrected map as it will be kept.

    Args:
        data: what came.
        kept: the map that stands in the library.

    Raises:
        HTTPException: 422, it is no valid map; 409, it is of another article.
    """
    try:
        amap = ArgumentMap.from_dict(data).to_dict()
        json.dumps(amap, ensure_ascii=False, allow_nan=False).encode()
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        reason = f"{error} is missing" if isinstance(error, KeyError) else str(error)
        raise HTTPException(422, f"expected a valid map: {' '.join(reason.split())[:300]}") from None
    for name in _SAME:
        if amap["article"][name] != kept["article"][name]:
            raise HTTPException(409, f"expected a map of this article, found one whose article has another {name}")
    return amap
