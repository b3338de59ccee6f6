"""The REST API of the service."""

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, File, HTTPException, Query, Request, UploadFile
from fastapi.responses import JSONResponse, Response
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from starlette.datastructures import UploadFile as StarletteUpload

from oped.errors import ConfigError, FormatError, InputError, MissingExtraError, ModelError
from oped.ingest.read import KINDS
from oped.records import ArgumentMap
from oped.serve.comparing import LEAST_MAPS, MOST_MAPS, BusyError
from oped.serve.fetch import fetch
from oped.serve.library import FAILED, RUNNING, Entry, Library
from oped.serve.searching import Wanted

MAX_WAITING = 1_000
MOST_LETTERS = 200
MOST_ADDRESS = 2_000
SHOWN_FAILURES = 10
MOST_TITLE = 300
MOST_AUTHORS = 50
_fetching = threading.BoundedSemaphore(4)


def _well_formed(text: str) -> str:
    """A text that every file and database can hold."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise ValueError(f"expected well-formed Unicode, found half a character at {error.start}") from None
    if "\0" in text:
        raise ValueError("expected a text without NUL")
    return text


_SAID = Field(json_schema_extra={"pattern": r"^[^\x00]*$"})  # the same for those who read the description
Text = Annotated[str, AfterValidator(_well_formed), _SAID]
Title = Annotated[Text, Field(max_length=MOST_TITLE)]


class ArticleIn(BaseModel):
    """An article handed in as JSON."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"oneOf": [{"required": ["text"]}, {"required": ["html"]}]}
    )

    text: Text = Field("", min_length=1, description="Plain text.")
    html: Text = Field("", min_length=1, description="A page, where there is no text.")
    title: Title | None = None
    authors: list[Title] = Field([], max_length=MOST_AUTHORS)
    published: Title | None = Field(None, description="Date, ISO 8601.")
    url: Text | None = Field(None, max_length=MOST_ADDRESS, description="Where it was published; it is not fetched.")

    @model_validator(mode="after")
    def _one_of_both(self) -> "ArticleIn":
        if len({"text", "html"} & self.model_fields_set) != 1:
            raise ValueError("expected either text or html")
        return self


class AddressIn(BaseModel):
    """The address of an article that is to be fetched."""

    model_config = ConfigDict(extra="forbid")

    url: Text = Field(min_length=1, max_length=MOST_ADDRESS)


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
    again: bool = Field(description="Whether it failed and can be tried again.")
    thesis: str | None = Field(
        description="What the whole article is for; none where there is no map or it found none."
    )
    risks: int | None = Field(description="How many risks its map has; none where there is no map.")
    corrected: bool = Field(description="Whether its map was corrected by hand.")


class Queue(BaseModel):
    """How many articles are in which state, what is being mapped, and what failed."""

    queued: int
    running: int
    done: int
    failed: int
    current: list[ArticleOut] = Field(description="What is being mapped.")
    failures: list[ArticleOut] = Field(description="The last ones that failed, with their reasons.")
    problem: str | None = Field(description="Why nothing can be mapped now, where that is so.")


router = APIRouter(tags=["articles"])
Ids = Annotated[
    list[str], Query(alias="id", min_length=LEAST_MAPS, max_length=MOST_MAPS, description="Articles with maps.")
]
By = Annotated[str, Query(min_length=1, max_length=MOST_LETTERS, description="author, date, or a metadata field.")]
NOT_FOUND: dict[int | str, dict[str, Any]] = {404: {"description": "There is no such article."}}
_BUSY: dict[int | str, dict[str, Any]] = {503: {"description": "Too many articles wait; try again later."}}


@router.post("/articles", status_code=202, responses=_BUSY)
def add_article(request: Request, article: ArticleIn) -> ArticleOut:
    """Queue an article for mapping."""
    _check_room(request, 1)
    row = article.model_dump(exclude_unset=True, exclude_none=True)
    return out_of(_queue(request, article.title or "pasted text", row=row))


@router.post("/files", status_code=202, responses={**_BUSY, 415: {"description": "No kind of file that can be read."}})
def add_file(request: Request, file: Annotated[UploadFile, File()]) -> ArticleOut:
    """Queue a file (text, Markdown, HTML, PDF) for mapping."""
    return add_files(request, [file])[0]


@router.post(
    "/addresses",
    status_code=202,
    responses={
        **_BUSY,
        403: {"description": "The service was not told to fetch addresses."},
        400: {"description": "There is no article at this address, or it is no public one."},
    },
)
def add_address(request: Request, address: AddressIn) -> ArticleOut:
    """Fetch a page and queue it for mapping."""
    if not request.app.state.fetches:
        raise HTTPException(403, "this service fetches no addresses; oped serve --fetch lets it")
    _check_room(request, 1)
    if not _fetching.acquire(blocking=False):
        raise HTTPException(503, "too many addresses are being fetched; try again later", headers={"retry-after": "20"})
    try:
        page = fetch(address.url, max_bytes=request.app.state.limit)
    except InputError as error:
        raise HTTPException(400, str(error)) from None
    finally:
        _fetching.release()
    return out_of(_queue(request, page.url, row={"url": page.url}, data=page.data, suffix=page.suffix))


@router.get("/queue")
def get_queue(request: Request) -> Queue:
    """How far the work is."""
    return queue_of(request)


def _wanted(
    q: Annotated[str, Query(max_length=MOST_LETTERS, description="Words that title, authors or text must have.")] = "",
    author: Annotated[str, Query(max_length=MOST_LETTERS, description="Part of an author's name.")] = "",
    warns: Annotated[str, Query(max_length=MOST_LETTERS, description="Words that the article's risks must have.")] = "",
    thesis: Annotated[Literal["", "found", "none"], Query(description="Whether a thesis was found.")] = "",
    risks: Annotated[Literal["", "some", "none"], Query(description="Whether risks were found.")] = "",
    status: Annotated[Literal["", "queued", "running", "done", "failed"], Query(description="Its state.")] = "",
    sort: Annotated[Literal["newest", "oldest", "title", "author", "date", "risks"], Query()] = "newest",
) -> Wanted:
    return Wanted(words=q, author=author, warns=warns, thesis=thesis, risks=risks, status=status, sort=sort)


Search = Annotated[Wanted, Depends(_wanted)]


@router.get("/articles")
def list_articles(
    request: Request,
    wanted: Search,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    offset: Annotated[int, Query(ge=0, le=10**9)] = 0,
) -> list[ArticleOut]:
    """Articles of the library, the newest first unless another order is asked for."""
    return [out_of(entry) for entry in library_of(request).search(wanted, limit=limit, offset=offset)]


@router.get("/articles/{id}", responses=NOT_FOUND)
def get_article(request: Request, id: str) -> ArticleOut:
    """State of an article."""
    return out_of(found(request, id))


@router.post(
    "/articles/{id}/retry",
    status_code=202,
    responses={**NOT_FOUND, 409: {"description": "It did not fail, or can't end otherwise."}},
)
def retry_article(request: Request, id: str) -> ArticleOut:
    """Queue an article again that failed for want of time, memory or luck."""
    found(request, id)
    if not library_of(request).retry(id):
        raise HTTPException(409, "this article did not fail, or another try can't end otherwise")
    request.app.state.mapping.wake()
    return out_of(found(request, id))


@router.delete("/articles/{id}", status_code=204, responses=NOT_FOUND)
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
        **NOT_FOUND,
        409: {
            "description": "An article has no map, or two entries are of one article, or there is one article alone."
        },
        501: {"description": "The extra `compare` is not installed, or the model has no matcher."},
        503: {"description": "Another comparison is under way."},
    },
)
def get_comparison(request: Request, ids: Ids, by: By = "author") -> JSONResponse:
    """Who says what in the chosen articles; see the published JSON Schema."""
    return JSONResponse(comparison_of(request, ids, by))


def comparison_of(request: Request, ids: list[str], by: str) -> dict[str, Any]:
    """The comparison of some articles of the library."""
    chosen = list(dict.fromkeys(ids))
    if len(chosen) < LEAST_MAPS:
        raise HTTPException(409, "expected two articles at least")
    try:
        result: dict[str, Any] = request.app.state.comparer(
            (ArgumentMap.from_dict(map_of(request, entry)) for entry in chosen), by=by
        )
    except BusyError as error:
        raise HTTPException(503, str(error), headers={"retry-after": "10"}) from None
    except (MissingExtraError, ModelError) as error:
        raise HTTPException(501, str(error)) from None
    except (ConfigError, FormatError) as error:
        raise HTTPException(409, str(error)) from None
    return result


def queue_of(request: Request) -> Queue:
    """How far the work is."""
    library = library_of(request)
    current = library.search(Wanted(status=RUNNING), limit=SHOWN_FAILURES)
    failures = library.search(Wanted(status=FAILED), limit=SHOWN_FAILURES)
    return Queue(
        **library.counts(),
        current=list(map(out_of, current)),
        failures=list(map(out_of, failures)),
        problem=request.app.state.mapping.problem,
    )


def add_files(request: Request, files: Sequence[StarletteUpload]) -> list[ArticleOut]:
    """Queue some files, all or none."""
    paths = [Path(Path(file.filename or "article.txt").name[-MOST_TITLE:]) for file in files]
    for path in paths:
        if path.suffix.lower() not in KINDS:
            raise HTTPException(415, f"expected a file that ends in {', '.join(KINDS)}; found {path.name!r}")
        if not path.name.isprintable():
            raise HTTPException(415, f"expected a file's name that can be shown, found {path.name!r}")
    _check_room(request, len(files))
    return [
        out_of(_queue(request, path.name, data=file.file.read(), suffix=path.suffix.lower()))
        for path, file in zip(paths, files, strict=True)
    ]


def library_of(request: Request) -> Library:
    """The library that the service was started with."""
    library: Library = request.app.state.library
    return library


def _queue(request: Request, name: str, **content: Any) -> Entry:
    entry = library_of(request).add(name, **content)
    request.app.state.mapping.wake()
    return found(request, entry)


def _check_room(request: Request, count: int) -> None:
    if library_of(request).waiting() + count > MAX_WAITING:
        raise HTTPException(503, "too many articles wait; try again later", headers={"retry-after": "60"})


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


def out_of(entry: Entry) -> ArticleOut:
    """An article as the API tells of it."""
    return ArticleOut(
        id=entry.id,
        status=entry.status,
        name=entry.name,
        title=entry.title,
        authors=list(entry.authors),
        published=entry.published,
        reason=entry.reason,
        created=entry.created,
        again=entry.again,
        thesis=entry.thesis,
        risks=entry.risks,
        corrected=entry.corrected,
    )
