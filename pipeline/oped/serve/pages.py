"""The pages of the service."""

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Annotated
from urllib.parse import quote, urlencode

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from pydantic import ValidationError
from starlette.datastructures import FormData, UploadFile

from oped.ingest.read import KINDS
from oped.records import ArgumentMap
from oped.render.comparison import comparison_policy, render_comparison
from oped.render.html import asset as shared_asset
from oped.render.page import Keeper, page_policy, render_page
from oped.serve.api import (
    MOST_TITLE,
    AddressIn,
    ArticleIn,
    By,
    Ids,
    Search,
    add_address,
    add_article,
    add_files,
    comparison_of,
    found,
    library_of,
    map_of,
    queue_of,
    retry_article,
)
from oped.serve.api_maps import MOST_EXPORTED
from oped.serve.comparing import MOST_MAPS
from oped.serve.exports import SUMMARIES
from oped.serve.library import DONE, FAILED, QUEUED
from oped.serve.searching import Wanted

SHOWN = 50
FILES = {
    "app.js": "text/javascript",
    "app.css": "text/css",
    "base.css": "text/css",
    "frame.css": "text/css",
    "icon.svg": "image/svg+xml",
}
SHARED = ("base.css", "frame.css")  # with the pages of maps and comparisons
SORTED_BY = {
    "newest": "newest first",
    "oldest": "oldest first",
    "title": "title",
    "author": "author",
    "date": "date of publication",
    "risks": "number of risks",
}
_ASSETS = Path(__file__).parent / "assets"

router = APIRouter(include_in_schema=False)


@router.get("/")
def home(request: Request, wanted: Search, offset: Annotated[int, Query(ge=0, le=10**9)] = 0) -> HTMLResponse:
    """The library, how far the work is, and a form to add to it."""
    library, queue = library_of(request), queue_of(request)
    entries = library.search(wanted, limit=SHOWN + 1, offset=offset)
    return HTMLResponse(
        _template("home.html.j2").render(
            entries=entries[:SHOWN],
            wanted=wanted,
            query=_query(wanted),
            unsorted=_query(replace(wanted, sort="newest")),
            sorts=SORTED_BY,
            authors=library.authors(),
            found=library.count(wanted),
            offset=offset,
            older=offset + SHOWN if len(entries) > SHOWN else None,
            newer=max(0, offset - SHOWN) if offset else None,
            queue=queue,
            kinds=",".join(KINDS),
            fetches=request.app.state.fetches,
            notice=request.app.state.notice,
            most=MOST_MAPS,
            most_exported=MOST_EXPORTED,
            formats=SUMMARIES,
        )
    )


def _query(wanted: Wanted) -> str:
    """The part of an address that asks for the same again."""
    names = {"q": wanted.words, "author": wanted.author, "warns": wanted.warns, "thesis": wanted.thesis}
    names |= {"risks": wanted.risks, "status": wanted.status, "sort": wanted.sort}
    return urlencode({name: value for name, value in names.items() if value and value != "newest"})


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


@router.post("/articles/{id}/forget")
def forget(request: Request, id: str) -> RedirectResponse:
    """Forget an article that failed."""
    entry = found(request, id)
    if entry.status != FAILED:
        raise HTTPException(409, "only an article without a map is forgotten here; the API forgets any")
    library_of(request).remove(id)
    return RedirectResponse("/", 303)


@router.get("/articles/{id}")
def article_page(request: Request, id: str) -> HTMLResponse:
    """The map of an article, to be read and corrected, or how far it is."""
    entry = found(request, id)
    if entry.status == DONE:
        amap = ArgumentMap.from_dict(map_of(request, id))
        return _framed(
            render_page(amap, keeper=_keeper(request, id, corrected=entry.corrected)), page_policy(keeps=True)
        )
    before = library_of(request).waiting_before(id) if entry.status == QUEUED else 0
    return HTMLResponse(_template("waiting.html.j2").render(entry=entry, failed=entry.status == FAILED, before=before))


def _keeper(request: Request, id: str, *, corrected: bool) -> Keeper:
    api = f"/api/articles/{quote(id, safe='')}"
    edition = library_of(request).edition(id) or ""
    return Keeper(library="/", save=f"{api}/map", restore=f"{api}/correction", edition=edition, corrected=corrected)


@router.get("/compare")
def comparison_page(request: Request, ids: Ids, by: By = "author") -> HTMLResponse:
    """The comparison of the articles that were chosen in the library."""
    result = comparison_of(request, ids, by)
    maps = {map_of(request, id)["article"]["id"]: f"/articles/{quote(id, safe='')}" for id in ids}
    return _framed(render_comparison(result, maps=maps, library="/"), comparison_policy())


@router.get("/assets/{name}")
def asset(name: str) -> Response:
    """Script and style."""
    if name not in FILES:
        raise HTTPException(404, "there is no such file")
    if name in SHARED:
        return Response(shared_asset(name), media_type=FILES[name])
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
