"""The routes of the service."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, FastAPI, File, Form, HTTPException, Query, Request, UploadFile
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse, RedirectResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from pydantic import BaseModel, ConfigDict, Field, model_validator

from oped import __version__
from oped.batch.tasks import Bounds, Settings
from oped.ingest.read import KINDS
from oped.records import ArgumentMap
from oped.render.page import page_policy, render_page
from oped.serve.guard import Guard, Rules
from oped.serve.library import DONE, FAILED, Entry, Library
from oped.serve.mapping import MappingThread

MAX_WAITING = 1_000
_ASSETS = Path(__file__).parent / "assets"
FILES = {"app.js": "text/javascript", "app.css": "text/css"}


class ArticleIn(BaseModel):
    """An article handed in as JSON."""

    model_config = ConfigDict(extra="forbid")

    text: str | None = Field(None, description="Plain text.")
    html: str | None = Field(None, description="A page, where there is no text.")
    title: str | None = None
    authors: list[str] = []
    published: str | None = Field(None, description="Date, ISO 8601.")
    url: str | None = Field(None, description="Where it was published; it is not fetched.")

    @model_validator(mode="after")
    def _one_of_both(self) -> "ArticleIn":
        if bool(self.text) == bool(self.html):
            raise ValueError("expected either text or html")
        return self


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


def create_app(library: Library, settings: Settings, bounds: Bounds, rules: Rules) -> FastAPI:
    """The service over a library; articles are mapped while it runs."""
    mapping = MappingThread(library, settings, bounds)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        mapping.start()
        yield
        mapping.stop()

    app = FastAPI(title="oped", version=__version__, lifespan=lifespan, docs_url=None, redoc_url=None)
    app.state.library, app.state.mapping, app.state.limit = library, mapping, rules.max_bytes
    app.include_router(_api, prefix="/api")
    app.include_router(_pages)
    app.add_middleware(Guard, rules=rules)
    return app


_api = APIRouter(tags=["articles"])
_pages = APIRouter(include_in_schema=False)
_NOT_FOUND: dict[int | str, dict[str, Any]] = {404: {"description": "There is no such article."}}
_BUSY: dict[int | str, dict[str, Any]] = {503: {"description": "Too many articles wait; try again later."}}


@_api.post("/articles", status_code=202, responses=_BUSY)
def add_article(request: Request, article: ArticleIn) -> ArticleOut:
    """Queue an article for mapping."""
    return _out(_queue(request, article.title or "pasted text", row=article.model_dump(exclude_none=True)))


@_api.post("/files", status_code=202, responses={**_BUSY, 415: {"description": "No kind of file that can be read."}})
def add_file(request: Request, file: Annotated[UploadFile, File()]) -> ArticleOut:
    """Queue a file (text, Markdown, HTML, PDF) for mapping."""
    name = Path(file.filename or "article.txt").name
    suffix = Path(name).suffix.lower()
    if suffix not in KINDS:
        raise HTTPException(415, f"expected a file that ends in {', '.join(KINDS)}; found {name!r}")
    return _out(_queue(request, name, data=file.file.read(), suffix=suffix))


@_api.get("/articles")
def list_articles(
    request: Request,
    q: Annotated[str, Query(max_length=200, description="Words that title, authors or text must have.")] = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    offset: Annotated[int, Query(ge=0, le=10**9)] = 0,
) -> list[ArticleOut]:
    """Articles of the library, the newest first."""
    return [_out(entry) for entry in _library(request).search(q, limit=limit, offset=offset)]


@_api.get("/articles/{id}", responses=_NOT_FOUND)
def get_article(request: Request, id: str) -> ArticleOut:
    """State of an article."""
    return _out(_found(request, id))


@_api.get(
    "/articles/{id}/map",
    response_class=JSONResponse,
    responses={**_NOT_FOUND, 409: {"description": "There is no map yet, or it failed."}},
)
def get_map(request: Request, id: str) -> JSONResponse:
    """The argument map of an article; see the published JSON Schema."""
    return JSONResponse(_map(request, id))


@_api.delete("/articles/{id}", status_code=204, responses=_NOT_FOUND)
def delete_article(request: Request, id: str) -> Response:
    """Forget an article and its map."""
    if not _library(request).remove(id):
        raise HTTPException(404, "there is no such article")
    return Response(status_code=204)


@_pages.get("/")
def home(request: Request, q: Annotated[str, Query(max_length=200)] = "") -> HTMLResponse:
    """The library, and a form to add to it."""
    library: Library = _library(request)
    page = _environment().get_template("home.html.j2")
    return HTMLResponse(
        page.render(entries=library.search(q), query=q, waiting=library.waiting(), kinds=",".join(KINDS))
    )


@_pages.post("/")
def hand_in(
    request: Request,
    text: Annotated[str, Form()] = "",
    title: Annotated[str, Form()] = "",
    file: Annotated[UploadFile | None, File()] = None,
) -> RedirectResponse:
    """What the form sends."""
    if file is not None and file.filename:
        entry = add_file(request, file)
    elif text.strip():
        entry = add_article(request, ArticleIn(text=text, title=title or None))
    else:
        raise HTTPException(422, "expected a text or a file")
    return RedirectResponse(f"/articles/{entry.id}", 303)


@_pages.get("/articles/{id}")
def article_page(request: Request, id: str) -> HTMLResponse:
    """The map of an article, or how far it is."""
    entry = _found(request, id)
    if entry.status == DONE:
        page = render_page(ArgumentMap.from_dict(_map(request, id)))
        return HTMLResponse(page, headers={"content-security-policy": f"{page_policy()}; frame-ancestors 'none'"})
    return HTMLResponse(
        _environment().get_template("waiting.html.j2").render(entry=entry, failed=entry.status == FAILED)
    )


@_pages.get("/assets/{name}")
def asset(name: str) -> FileResponse:
    """Script and style."""
    if name not in FILES:
        raise HTTPException(404, "there is no such file")
    return FileResponse(_ASSETS / name, media_type=FILES[name])


def _library(request: Request) -> Library:
    library: Library = request.app.state.library
    return library


def _queue(request: Request, name: str, **content: Any) -> Entry:
    library = _library(request)
    if library.waiting() >= MAX_WAITING:
        raise HTTPException(503, "too many articles wait; try again later", headers={"retry-after": "60"})
    entry = library.add(name, **content)
    request.app.state.mapping.wake()
    return _found(request, entry)


def _found(request: Request, id: str) -> Entry:
    entry = _library(request).entry(id)
    if entry is None:
        raise HTTPException(404, "there is no such article")
    return entry


def _map(request: Request, id: str) -> dict[str, Any]:
    entry, amap = _found(request, id), _library(request).map(id)
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


def _environment() -> Environment:
    return Environment(loader=FileSystemLoader(_ASSETS), autoescape=True, undefined=StrictUndefined, trim_blocks=True)
