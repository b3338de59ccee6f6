"""Dry runs with a language model: what answers nothing, and what is answered already."""

from collections.abc import Callable
from dataclasses import dataclass

from oped.errors import UnansweredError
from oped.llm.cache import CachedModel
from oped.llm.model import Reply, Request
from oped.llm.opening import open_language_model
from oped.llm.settings import LanguageModelSettings


@dataclass(frozen=True, slots=True)
class Nobody:
    """A language model that answers nothing, for what is counted before anything is sent."""

    name: str
    window: int | None

    def complete(self, request: Request) -> Reply:
        """Raise UnansweredError."""
        raise UnansweredError(f"{self.name} is not asked")


def stored_by(chosen: LanguageModelSettings) -> Callable[[Request], bool]:
    """What says whether the answer to a request is stored; a model on this machine is not loaded to know."""
    model = open_language_model(chosen) if chosen.endpoint else None
    return model.has if isinstance(model, CachedModel) else lambda request: False
