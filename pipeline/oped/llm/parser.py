"""A language model as argument parser: it is asked to read an article, and its answers become an argument map."""

import math
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from itertools import islice

from oped.errors import EndpointError, UnansweredError, UnusableError
from oped.llm.assemble import assemble
from oped.llm.chances import Chances, shipped_chances
from oped.llm.draft import Draft
from oped.llm.model import LanguageModel, Reply, Request, Sampling
from oped.llm.parts import Part
from oped.llm.prompt import Prompt, find_prompt
from oped.llm.reader import EMPTY, Reader
from oped.llm.votes import vote
from oped.records import ArgumentMap, Article, Entity, ModelInfo, Reading

READINGS_AT_ONCE = 8  # of one article
VARIED = 0.7  # temperature of several readings, which at 0 would all be the same

EntityFinder = Callable[[Article], tuple[Entity, ...]]


@dataclass(frozen=True, slots=True)
class ReadingOptions:
    """How articles are read.

    Attributes:
        samples: how often each is read; the readings vote.
        temperature: of the readings; None: 0 for one reading, 0.7 for several.
        max_tokens: that an answer may have.
        correct: whether what is wrong in an answer goes back once.
        decide: whether, after several readings, the model sees all of them and decides, in place of the vote.
        least: share of the readings that a component needs.
    """

    samples: int = 1
    temperature: float | None = None
    max_tokens: int = 8192
    correct: bool = True
    decide: bool = False
    least: float = 0.5

    def __post_init__(self) -> None:
        if self.samples < 1:
            raise ValueError(f"samples: expected at least 1, found {self.samples}")

    def sampling(self, number: int) -> Sampling:
        """How one of the readings is drawn."""
        standard = VARIED if self.samples > 1 else 0.0
        heat = standard if self.temperature is None else self.temperature
        return Sampling(temperature=heat, max_tokens=self.max_tokens, number=number)


class LanguageModelParser:
    """Reads articles with a language model; an `oped.parsing.protocol.ArgumentParser`.

    Args:
        language_model: answers the requests.
        prompt: what it is told; None: the shipped one for the opinion scheme.
        find_entities: finds the mentions of an article; None: maps have none but those that are given.
        chances: what its answers are worth; None: the shipped ones.
        concurrency: requests that may be on their way at once.
    """

    def __init__(
        self,
        language_model: LanguageModel,
        *,
        prompt: Prompt | None = None,
        options: ReadingOptions | None = None,
        find_entities: EntityFinder | None = None,
        chances: Chances | None = None,
        concurrency: int = 8,
    ) -> None:
        self.language_model = language_model
        self.prompt = prompt or find_prompt()
        self.options = options or ReadingOptions()
        self.find_entities = find_entities
        self.chances = chances or shipped_chances()
        self.concurrency = concurrency

    @property
    def model(self) -> ModelInfo:
        """The language model's name, and the prompt's version."""
        return ModelInfo(f"llm:{self.language_model.name}", self.prompt.version)

    @property
    def scheme(self) -> str:
        """The annotation scheme that the prompt asks for."""
        return self.prompt.scheme.name

    def parse(self, article: Article, *, entities: Sequence[Entity] | None = None) -> ArgumentMap:
        """The map of one article.

        Args:
            entities: mentions that are known already; None: they are looked for.

        Raises:
            UnusableError: the model gives nothing usable even when told what is wrong.
            EndpointError: it does not answer.
        """
        readings = [_Live(self, article, number) for number in range(self.options.samples)]
        drafts = [readings[0].read()] if len(readings) == 1 else _all_read(readings)
        spent = sum((reading.spent for reading in readings), Spent())
        if self.options.decide and len(readings) > 1 and len(reader := readings[0].reader.parts()) == 1 and reader:
            drafts, more = self._decided(article, drafts)
            spent += more
        return self._map(article, drafts, spent, entities)

    def pipe(self, articles: Iterable[Article], *, batch_size: int = 32) -> Iterator[ArgumentMap]:
        """The maps of a stream of articles, one for each, in their order; as many at once as `concurrency` allows.

        Raises:
            EndpointError: at the place of the first article that can't be mapped.
        """
        with closing(self.outcomes(articles, at_once=min(self.articles_at_once, batch_size))) as outcomes:
            for outcome in outcomes:
                if isinstance(outcome, EndpointError):
                    raise outcome
                yield outcome

    def outcomes(
        self, articles: Iterable[Article], *, at_once: int | None = None
    ) -> Generator[ArgumentMap | EndpointError, None, None]:
        """As `pipe`, with the error in the place of an article that can't be mapped.

        Args:
            at_once: articles that are read at once; None: as many as `concurrency` allows.
        """
        stream = iter(articles)
        places = max(1, at_once or self.articles_at_once)
        with ThreadPoolExecutor(max_workers=places) as pool:
            waiting: list[Future[ArgumentMap]] = [
                pool.submit(self.parse, article) for article in islice(stream, places)
            ]
            try:
                while waiting:
                    error = waiting[0].exception()
                    if error is not None and not isinstance(error, EndpointError):
                        raise error
                    done = waiting.pop(0)
                    waiting += [pool.submit(self.parse, article) for article in islice(stream, 1)]
                    yield done.result() if error is None else error
            finally:
                for future in waiting:
                    future.cancel()

    @property
    def articles_at_once(self) -> int:
        """How many articles are read at once, so that about as many requests as `concurrency` says are on their way."""
        return math.ceil(self.concurrency / min(self.options.samples, READINGS_AT_ONCE))

    def requests_of(self, article: Article) -> list[Request]:
        """All that is asked about an article at first: for each reading each of its parts; to be counted, or to be sent by
        other means and given to `map_of`.

        Parts of a long article then know nothing of each other; relations between them are lost but where they overlap.
        """
        reader = self._reader(article)
        return [
            reader.request(part, self.options.sampling(number))
            for number in range(self.options.samples)
            for part in reader.parts()
        ]

    def correction_of(self, article: Article, request: Request, reply: Reply, *, place: int = 0) -> Request | None:
        """The request that lists what is wrong in a reply to a request of `requests_of`; None where nothing is.

        Args:
            place: of the request among those of `requests_of`.
        """
        reader = self._reader(article)
        parts = reader.parts()
        return reader.correction(request, reply, reader.draft(parts[place % len(parts)], reply)) if parts else None

    def decision_of(self, article: Article, replies: Sequence[Reply]) -> Request | None:
        """The request to decide between readings; the reply to it goes to `map_of` alone.

        None for an article in parts.
        """
        reader = self._reader(article)
        parts = reader.parts()
        if len(parts) != 1:
            return None
        drafts = [reader.settled(reader.draft(parts[0], reply)) for reply in replies]
        return reader.decision(reader.request(parts[0], self.options.sampling(0)), drafts)

    def map_of(
        self,
        article: Article,
        replies: Sequence[Reply | None],
        corrections: Sequence[Reply | None] = (),
        *,
        entities: Sequence[Entity] | None = None,
    ) -> ArgumentMap:
        """The map from replies to the requests of `requests_of`, whoever answered them; nothing is sent.

        Args:
            replies: in the order of the requests; None for one that has none.
            corrections: replies to the requests of `correction_of`, likewise.

        Raises:
            UnusableError: no reading is usable.
        """
        reader = self._reader(article)
        parts = reader.parts()
        spent = Spent()
        drafts: list[Draft] = []
        filled = [*corrections, *[None] * (len(replies) - len(corrections))]
        for start in range(0, len(replies), max(1, len(parts))):
            draft: Draft | None = EMPTY
            for part, reply, correction in zip(parts, replies[start:], filled[start:], strict=False):
                if reply is None or draft is None:
                    draft = None
                    continue
                spent = spent.plus(reply)
                own = reader.draft(part, reply)
                if correction is not None:
                    spent = spent.plus(correction)
                    own = reader.corrected(part, reply, correction)
                draft = reader.joined(draft, own)
            drafts += [] if draft is None else [reader.settled(draft)]
        return self._map(article, drafts, spent, entities)

    def _reader(self, article: Article) -> Reader:
        return Reader(article, self.prompt, self.language_model.window, self.options.max_tokens)

    def _decided(self, article: Article, drafts: Sequence[Draft]) -> tuple[list[Draft], "Spent"]:
        live = _Live(self, article, 0)
        part = live.reader.parts()[0]
        request = live.reader.decision(live.reader.request(part, self.options.sampling(0)), drafts)
        return [live.reader.settled(live.ask(part, request))], live.spent

    def _map(
        self, article: Article, drafts: Sequence[Draft], spent: "Spent", entities: Sequence[Entity] | None
    ) -> ArgumentMap:
        usable = [draft for draft in drafts if draft.usable]
        if not usable:
            reasons = (
                "; ".join(dict.fromkeys(fault.reason for draft in drafts for fault in draft.faults)) or "no answer"
            )
            raise UnusableError(
                f"{article.id}: expected lines for the components of the article, found none that can be used "
                f"({reasons[:200]}); try another model or prompt"
            )
        if entities is None:
            entities = self.find_entities(article) if self.find_entities else ()
        parts = vote(usable, self.prompt.scheme, self.chances, least=self.options.least)
        reading = Reading(
            samples=len(usable),
            requests=spent.requests,
            prompt_tokens=spent.prompt_tokens,
            completion_tokens=spent.completion_tokens,
            lines=sum(draft.lines for draft in drafts),
            exact=sum(draft.exact for draft in drafts),
            mended=sum(draft.mended for draft in drafts),
            dropped=sum(draft.dropped for draft in drafts),
        )
        return assemble(article, parts, entities, scheme=self.prompt.scheme, model=self.model, reading=reading)


def _all_read(readings: "Sequence[_Live]") -> list[Draft]:
    """The drafts of several readings at once.

    What waits for the reply to one that was written down does not keep the others from being written down too.
    """
    with ThreadPoolExecutor(max_workers=min(len(readings), READINGS_AT_ONCE)) as pool:
        futures = [pool.submit(reading.read) for reading in readings]
        try:
            return [future.result() for future in futures]
        except UnansweredError:
            raise
        except BaseException:
            for future in futures:
                future.cancel()
            raise


@dataclass(frozen=True, slots=True)
class Spent:
    """Requests and tokens so far."""

    requests: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0

    def plus(self, reply: Reply) -> "Spent":
        return self + Spent(1, reply.prompt_tokens, reply.completion_tokens)

    def __add__(self, other: "Spent") -> "Spent":
        return Spent(
            self.requests + other.requests,
            self.prompt_tokens + other.prompt_tokens,
            self.completion_tokens + other.completion_tokens,
        )


class _Live:
    """One reading of one article by a model that is at hand."""

    def __init__(self, parser: LanguageModelParser, article: Article, number: int) -> None:
        self.parser = parser
        self.reader = parser._reader(article)
        self.sampling = parser.options.sampling(number)
        self.spent = Spent()

    def read(self) -> Draft:
        """The draft of the whole article."""
        draft = EMPTY
        for part in self.reader.parts():
            own = self.ask(part, self.reader.request(part, self.sampling, before=draft), before=draft)
            draft = self.reader.joined(draft, own)
        return self.reader.settled(draft)

    def ask(self, part: Part, request: Request, *, before: Draft = EMPTY) -> Draft:
        """The draft of a part, corrected once where something is wrong."""
        reply = self._complete(request)
        draft = self.reader.draft(part, reply, before=before)
        again = self.reader.correction(request, reply, draft) if self.parser.options.correct else None
        if again is None:
            return draft
        try:
            return self.reader.corrected(part, reply, self._complete(again), before=before)
        except UnansweredError:
            return draft  # the correction waits in a file of requests; what holds without it counts

    def _complete(self, request: Request) -> Reply:
        reply = self.parser.language_model.complete(request)
        self.spent = self.spent.plus(reply)
        return reply
