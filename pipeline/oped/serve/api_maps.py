"""The REST API of the maps in the library: read, corrected, given back, taken away."""

import shutil
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body, Header, HTTPException, Query, Request
from fastapi.responses import FileResponse, JSONResponse, Response
from starlette.background import BackgroundTask

from oped.errors import ConfigError, FormatError, MissingExtraError
from oped.serve.api import NOT_FOUND, ArticleOut, found, library_of, map_of, out_of
from oped.serve.corrections import checked_correction
from oped.serve.exports import EXPORTS, export, new_folder

MOST_EXPORTED = 500
_KINDS = {".zip": "application/zip", ".jsonl": "application/x-ndjson", ".json": "application/json"}

router = APIRouter(tags=["maps"])


@router.get(
    "/articles/{id}/map",
    response_class=JSONResponse,
    responses={**NOT_FOUND, 409: {"description": "There is no map yet, or it failed."}},
)
def get_map(
    request: Request,
    id: str,
    machine: Annotated[bool, Query(description="As the machine made it, before it was corrected.")] = False,
) -> JSONResponse:
    """The argument map of an article; see the published JSON Schema."""
    amap, edition = map_of(request, id), library_of(request).edition(id)
    if machine:
        amap = library_of(request).machine_map(id) or amap
    return JSONResponse(amap, headers={"etag": f'"{edition}"'})


@router.put(
    "/articles/{id}/map",
    responses={
        **NOT_FOUND,
        409: {"description": "There is no map yet, or this one is of another article."},
        412: {"description": "The map was changed by now: it is no more the one of If-Match."},
    },
)
def put_map(
    request: Request,
    response: Response,
    id: str,
    amap: Annotated[dict[str, Any], Body(description="The corrected map; see the published JSON Schema.")],
    if_match: Annotated[str | None, Header(description="The ETag of the map that was corrected.")] = None,
) -> ArticleOut:
    """Keep a corrected map of an article; the machine's own is kept beside it."""
    corrected = checked_correction(amap, map_of(request, id))
    edition = None if if_match is None or if_match.strip() == "*" else if_match.strip().removeprefix("W/").strip('"')
    if not library_of(request).revise(id, corrected, edition=edition):
        raise HTTPException(412, "the map was changed by now; load it anew")
    response.headers["etag"] = f'"{library_of(request).edition(id)}"'
    return out_of(found(request, id))


@router.delete("/articles/{id}/correction", responses={**NOT_FOUND, 409: {"description": "The map was not corrected."}})
def delete_correction(request: Request, id: str) -> ArticleOut:
    """Forget the corrections of a map: the machine's own is the map again."""
    found(request, id)
    if not library_of(request).restore(id):
        raise HTTPException(409, "the map of this article was not corrected")
    return out_of(found(request, id))


@router.get(
    "/export",
    response_class=FileResponse,
    responses={
        200: {"description": "The file.", "content": {"application/octet-stream": {}}},
        **NOT_FOUND,
        409: {"description": "An article has no map, or the format can't hold these maps."},
        501: {"description": "An extra that the format needs is not installed."},
    },
)
def get_export(
    request: Request,
    ids: Annotated[
        list[str], Query(alias="id", min_length=1, max_length=MOST_EXPORTED, description="Articles with maps.")
    ],
    format: Annotated[Literal[EXPORTS], Query(description="jsonl, zip, or any format of maps.")] = "jsonl",  # type: ignore[valid-type]
) -> FileResponse:
    """The maps of the chosen articles as one file; a format of several files is zipped."""
    maps = {id: map_of(request, id) for id in ids}
    folder = new_folder()
    try:
        path = export(maps, format, folder)
    except (MissingExtraError, ConfigError, FormatError) as error:
        shutil.rmtree(folder, ignore_errors=True)
        missing = isinstance(error, MissingExtraError)
        raise HTTPException(
            501 if missing else 409, error.reason if isinstance(error, FormatError) else str(error)
        ) from None
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    kind = _KINDS.get(path.suffix, "application/octet-stream")
    return FileResponse(path, media_type=kind, filename=path.name, background=BackgroundTask(shutil.rmtree, folder))
