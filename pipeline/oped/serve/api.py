"""The REST API of the service."""

from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, File, HTTPException, Query, Request, UploadFile
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field, model_validator

from oped.errors import ConfigError, InputError, MissingExtraError
from oped.ingest.read import KINDS
from oped.records import ArgumentMap
from oped.serve.comparing import MOST_MAPS, BusyError
from oped.serve.fetch import fetch
from oped.serve.library import Entry, Library

MAX_WAITING = 1_000
MOST_LETTERS = 200


class ArticleIn(BaseModel):
    """An article handed in as JSON."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"oneOf": [{"required": ["text"]}, {"required": ["html"]}]}
    )

    text: str = Field("", min_length=1, description="Plain text.")
    html: str = Field("", min_length=1, description="A page, where there is no text.")
    title: str | None = None
    authors: list[str] = []
    published: str | None = Field(None, description="Date, ISO 8601.")
    url: str | None = Field(None, description="Where it was published; it is not fetched.")

    @model_validator(mode="after")
    def _one_of_both(self) -> "ArticleIn":
        if len({"text", "html"} & self.model_fields_set) != 1:
            raise ValueError("expected either text or html")
        return self


class AddressIn(BaseModel):
    """The address of an article that is to be fetched."""

    model_config = ConfigDict(extra="forbid")

    url: str = Field(min_length=1, max_length=2_000)


class Queue(BaseModel):
    """How many articles are in which state."""

    queued: int
    running: int
    done: int
    failed: int


class ArticleOut(BaseModel):
    """An article of the library."""

    id: str
    status: str = Field(description="queued, running, done or failed")
    name: str
    title: str | None
    authors: list[str]
    published: str | None
    reason: str | None = Field(description="Why it failed.")
    created: str


router = APIRouter(tags=["articles"])
Ids = Annotated[list[str], Query(alias="id", min_length=2, max_length=MOST_MAPS, description="Articles with maps.")]
By = Annotated[str, Query(min_length=1, max_length=MOST_LETTERS, description="author, date, or a metadata field.")]
_NOT_FOUND: dict[int | str, dict[str, Any]] = {404: {"description": "There is no such article."}}
_BUSY: dict[int | str, dict[str, Any]] = {503: {"description": "Too many articles wait; try again later."}}


@router.post("/articles", status_code=202, responses=_BUSY)
def add_article(request: Request, article: ArticleIn) -> ArticleOut:
    """Queue an article for mapping."""
    return _out(
        _queue(request, article.title or "pasted text", row=article.model_dump(exclude_unset=True, exclude_none=True))
    )


@router.post("/files", status_code=202, responses={**_BUSY, 415: {"description": "No kind of file that can be read."}})
def add_file(request: Request, file: Annotated[UploadFile, File()]) -> ArticleOut:
    """Queue a file (text, Markdown, HTML, PDF) for mapping."""
    name = Path(file.filename or "article.txt").name
    suffix = Path(name).suffix.lower()
    if suffix not in KINDS:
        raise HTTPException(415, f"expected a file that ends in {', '.join(KINDS)}; found {name!r}")
    return _out(_queue(request, name, data=file.file.read(), suffix=suffix))


@router.post(
    "/addresses",
    status_code=202,
    responses={
        **_BUSY,
        403: {"description": "The service was not told to fetch addresses."},
        422: {"description": "There is no article at this address, or it is no public one."},
    },
)
def add_address(request: Request, address: AddressIn) -> ArticleOut:
    """Fetch a page and queue it for mapping."""
    if not request.app.state.fetches:
        raise HTTPException(403, "this service fetches no addresses; oped serve --fetch lets it")
    try:
        page = fetch(address.url, max_bytes=request.app.state.limit)
    except InputError as error:
        raise HTTPException(422, str(error)) from None
    return _out(_queue(request, page.url, row={"url": page.url}, data=page.data, suffix=page.suffix))


@router.get("/queue")
def get_queue(request: Request) -> Queue:
    """How far the work is."""
    return Queue(**library_of(request).counts())


@router.get("/articles")
def list_articles(
    request: Request,
    q: Annotated[str, Query(max_length=200, description="Words that title, authors or text must have.")] = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    offset: Annotated[int, Query(ge=0, le=10**9)] = 0,
) -> list[ArticleOut]:
    """Articles of the library, the newest first."""
    return [_out(entry) for entry in library_of(request).search(q, limit=limit, offset=offset)]


@router.get("/articles/{id}", responses=_NOT_FOUND)
def get_article(request: Request, id: str) -> ArticleOut:
    """State of an article."""
    return _out(found(request, id))


@router.get(
    "/articles/{id}/map",
    response_class=JSONResponse,
    responses={**_NOT_FOUND, 409: {"description": "There is no map yet, or it failed."}},
)
def getmap_of(request: Request, id: str) -> JSONResponse:
    """The argument map of an article; see the published JSON Schema."""
    return JSONResponse(map_of(request, id))


@router.delete("/articles/{id}", status_code=204, responses=_NOT_FOUND)
def delete_article(request: Request, id: str) -> Response:
    """Forget an article and its map."""
    if not library_of(request).remove(id):
        raise HTTPException(404, "there is no such article")
    return Response(status_code=204)


@router.get(
    "/comparison",
    response_class=JSONResponse,
    tags=["comparison"],
    responses={
        **_NOT_FOUND,
        409: {"description": "An article has no map, or two entries are of one article."},
        501: {"description": "The extra `compare` is not installed."},
        503: {"description": "Another comparison is under way."},
    },
)
def get_comparison(request: Request, ids: Ids, by: By = "author") -> JSONResponse:
    """Who says what in the chosen articles; see the published JSON Schema."""
    return JSONResponse(comparison_of(request, ids, by))


def comparison_of(request: Request, ids: list[str], by: str) -> dict[str, Any]:
    """The comparison of some articles of the library."""
    maps = [ArgumentMap.from_dict(map_of(request, entry)) for entry in dict.fromkeys(ids)]
    try:
        result: dict[str, Any] = request.app.state.comparer(maps, by=by)
    except BusyError as error:
        raise HTTPException(503, str(error), headers={"retry-after": "10"}) from None
    except MissingExtraError as error:
        raise HTTPException(501, str(error)) from None
    except ConfigError as error:
        raise HTTPException(409, str(error)) from None
    return result


def library_of(request: Request) -> Library:
    """The library that the service was started with."""
    library: Library = request.app.state.library
    return library


def _queue(request: Request, name: str, **content: Any) -> Entry:
    library = library_of(request)
    if library.waiting() >= MAX_WAITING:
        raise HTTPException(503, "too many articles wait; try again later", headers={"retry-after": "60"})
    entry = library.add(name, **content)
    request.app.state.mapping.wake()
    return found(request, entry)


def found(request: Request, id: str) -> Entry:
    """An article that must be there."""
    entry = library_of(request).entry(id)
    if entry is None:
        raise HTTPException(404, "there is no such article")
    return entry


def map_of(request: Request, id: str) -> dict[str, Any]:
    """The map of an article, which must have one."""
    entry, amap = found(request, id), library_of(request).map(id)
    if amap is None:
        raise HTTPException(409, entry.reason or f"the article is {entry.status}")
    return amap


def _out(entry: Entry) -> ArticleOut:
    return ArticleOut(
        id=entry.id,
        status=entry.status,
        name=entry.name,
        title=entry.title,
        authors=list(entry.authors),
        published=entry.published,
        reason=entry.reason,
        created=entry.created,
    )
