"""The pages of the service."""

from functools import cache
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from pydantic import ValidationError
from starlette.datastructures import FormData, UploadFile

from oped.ingest.read import KINDS
from oped.records import ArgumentMap
from oped.render.comparison import comparison_policy, render_comparison
from oped.render.page import page_policy, render_page
from oped.serve.api import (
    MOST_LETTERS,
    MOST_TITLE,
    AddressIn,
    ArticleIn,
    By,
    Ids,
    add_address,
    add_article,
    add_files,
    comparison_of,
    found,
    library_of,
    map_of,
    retry_article,
)
from oped.serve.comparing import MOST_MAPS
from oped.serve.library import DONE, FAILED

SHOWN = 50
FILES = {"app.js": "text/javascript", "app.css": "text/css"}
_ASSETS = Path(__file__).parent / "assets"

router = APIRouter(include_in_schema=False)


@router.get("/")
def home(
    request: Request,
    q: Annotated[str, Query(max_length=MOST_LETTERS)] = "",
    offset: Annotated[int, Query(ge=0, le=10**9)] = 0,
) -> HTMLResponse:
    """The library, and a form to add to it."""
    library = library_of(request)
    entries = library.search(q, limit=SHOWN + 1, offset=offset)
    return HTMLResponse(
        _template("home.html.j2").render(
            entries=entries[:SHOWN],
            query=q,
            offset=offset,
            older=offset + SHOWN if len(entries) > SHOWN else None,
            newer=max(0, offset - SHOWN) if offset else None,
            waiting=library.waiting(),
            problem=request.app.state.mapping.problem,
            kinds=",".join(KINDS),
            fetches=request.app.state.fetches,
            notice=request.app.state.notice,
            most=MOST_MAPS,
        )
    )


@router.post("/")
async def hand_in(request: Request) -> RedirectResponse:
    """What the form sends: files, an address or a text."""
    # The bound of the whole body is the guard's; a text may fill it.
    form = await request.form(max_part_size=request.app.state.limit)
    return await run_in_threadpool(_hand_in, request, form)


def _hand_in(request: Request, form: FormData) -> RedirectResponse:
    text, title, url = (str(form.get(name) or "").strip() for name in ("text", "title", "url"))
    files = [one for one in form.getlist("file") if isinstance(one, UploadFile) and one.filename]
    try:
        if files:
            entries = add_files(request, files)
        elif url:
            entries = [add_address(request, AddressIn(url=url))]
        elif text:
            entries = [add_article(request, ArticleIn(text=text, title=title[:MOST_TITLE] or None))]
        else:
            raise HTTPException(422, "expected a text, an address or a file")
    except ValidationError as error:
        reasons = (f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors())
        raise HTTPException(422, "; ".join(reasons)) from None
    return RedirectResponse(f"/articles/{entries[0].id}" if len(entries) == 1 else "/", 303)


@router.post("/articles/{id}/retry")
def retry(request: Request, id: str) -> RedirectResponse:
    """Try a failed article again."""
    retry_article(request, id)
    return RedirectResponse(f"/articles/{id}", 303)


@router.get("/articles/{id}")
def article_page(request: Request, id: str) -> HTMLResponse:
    """The map of an article, or how far it is."""
    entry = found(request, id)
    if entry.status == DONE:
        return _framed(render_page(ArgumentMap.from_dict(map_of(request, id))), page_policy())
    return HTMLResponse(_template("waiting.html.j2").render(entry=entry, failed=entry.status == FAILED))


@router.get("/compare")
def comparison_page(request: Request, ids: Ids, by: By = "author") -> HTMLResponse:
    """The comparison of the articles that were chosen in the library."""
    return _framed(render_comparison(comparison_of(request, ids, by)), comparison_policy())


@router.get("/assets/{name}")
def asset(name: str) -> FileResponse:
    """Script and style."""
    if name not in FILES:
        raise HTTPException(404, "there is no such file")
    return FileResponse(_ASSETS / name, media_type=FILES[name])


def _framed(page: str, policy: str) -> HTMLResponse:
    """A page with a policy of its own, which no other page may frame."""
    return HTMLResponse(page, headers={"content-security-policy": f"{policy}; frame-ancestors 'none'"})


@cache
def _environment() -> Environment:
    return Environment(loader=FileSystemLoader(_ASSETS), autoescape=True, undefined=StrictUndefined, trim_blocks=True)


def _template(name: str) -> Template:
    return _environment().get_template(name)


def error_page(status: int, reason: str) -> HTMLResponse:
    """Why a page can't be shown, for people."""
    return HTMLResponse(_template("error.html.j2").render(status=status, reason=reason), status)
