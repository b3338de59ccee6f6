"""The service: its API, its pages, and what guards both."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI

from oped import __version__
from oped.batch.tasks import Bounds, Settings
from oped.serve import api, pages
from oped.serve.comparing import Comparer
from oped.serve.guard import Guard, Rules
from oped.serve.library import Library
from oped.serve.mapping import MappingThread


def create_app(library: Library, settings: Settings, bounds: Bounds, rules: Rules, *, fetches: bool = False) -> FastAPI:
    """The service over a library; articles are mapped while it runs.

    Args:
        fetches: whether it gets pages by their addresses.
    """
    mapping = MappingThread(library, settings, bounds)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        mapping.start()
        yield
        mapping.stop()

    app = FastAPI(title="oped", version=__version__, lifespan=lifespan, docs_url=None, redoc_url=None)
    app.state.library, app.state.mapping, app.state.limit = library, mapping, rules.max_bytes
    app.state.comparer, app.state.fetches = Comparer(Path(settings.model)), fetches
    app.include_router(api.router, prefix="/api")
    app.include_router(pages.router)
    app.add_middleware(Guard, rules=rules)
    return app
