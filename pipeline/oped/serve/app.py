"""The service: its API, its pages, and what guards both."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from oped import __version__
from oped.batch.tasks import Bounds, Settings
from oped.parsers import is_language_model
from oped.resources import DEFAULT_MODEL, find_model
from oped.serve import api, api_maps, pages
from oped.serve.comparing import Comparer
from oped.serve.guard import Guard, Rules
from oped.serve.library import Library
from oped.serve.mapping import MappingThread


def create_app(
    library: Library, settings: Settings, bounds: Bounds, rules: Rules, *, fetches: bool = False, notice: str = ""
) -> FastAPI:
    """The service over a library; articles are mapped while it runs.

    Args:
        fetches: whether it gets pages by their addresses.
        notice: what whoever hands in an article must know, such as where it is sent.
    """
    mapping = MappingThread(library, settings, bounds)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        mapping.start()
        yield
        mapping.stop()

    app = FastAPI(title="oped", version=__version__, lifespan=lifespan, docs_url=None, redoc_url=None)
    app.state.library, app.state.mapping, app.state.limit = library, mapping, rules.max_bytes
    judge = find_model(DEFAULT_MODEL) if is_language_model(settings.model) else Path(settings.model)
    app.state.comparer, app.state.fetches, app.state.notice = Comparer(judge), fetches, notice
    app.include_router(api.router, prefix="/api")
    app.include_router(api_maps.router, prefix="/api")
    app.include_router(pages.router)
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(RequestValidationError, _refused)
    app.add_middleware(Guard, rules=rules)
    return app


def _refused(request: Request, error: Exception) -> Response:
    """The answer to a request that can't be met: data for programs, a page for people."""
    detail: Any
    if isinstance(error, HTTPException):
        status, detail, headers = error.status_code, error.detail, error.headers
    else:
        assert isinstance(error, RequestValidationError)
        # What came is left out: it may hold what no answer can, such as half a character or NaN.
        detail = [{key: item[key] for key in ("type", "loc", "msg")} for item in error.errors()]
        status, headers = 422, None
    if request.url.path.startswith("/api/"):
        plain = json.dumps({"detail": detail}, default=str, ensure_ascii=True)
        return Response(plain, status, headers=headers, media_type="application/json")
    reason = detail if isinstance(detail, str) else "; ".join(item["msg"] for item in detail)
    return pages.error_page(status, reason)
