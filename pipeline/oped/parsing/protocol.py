"""An argument parser: what turns an article into its argument map."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from oped.records import ArgumentMap, Article, Entity, ModelInfo


class ArgumentParser(Protocol):
    """Reads articles and gives their argument maps; a trained model is one, a language model another.

    Attributes:
        model: which model it is, as its maps name it.
        scheme: the annotation scheme that it answers in.
    """

    @property
    def model(self) -> ModelInfo: ...

    @property
    def scheme(self) -> str: ...

    def parse(self, article: Article, *, entities: Sequence[Entity] | None = None) -> ArgumentMap:
        """The map of one article; it depends on that article alone.

        Args:
            entities: mentions that are known already; None: the parser finds them, where it can.

        Raises:
            OpedError: this article can't be mapped; others may be.
        """

    def pipe(self, articles: Iterable[Article], *, batch_size: int = 32) -> Iterator[ArgumentMap]:
        """The maps of a stream of articles, one for each, in their order.

        Args:
            batch_size: articles that may be worked on at once.
        """
