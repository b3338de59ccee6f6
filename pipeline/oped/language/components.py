"""The pipeline components `oped_entities` and `oped_arguments`, and the Doc extensions they fill.

* `doc._.article`: the `Article` the Doc was made from; set it before the pipeline runs to give metadata.
* `doc._.argument_map`: the `ArgumentMap`; None before `oped_arguments` has run.
* `doc.spans["components"]`, labelled by type, and `doc.spans["risks"]`, labelled `risk`.
* `ent.id_`: the fullest name of the entity in the article.

Where `oped_arguments` finds the entities itself, `oped_entities` is not needed.
"""

import json
import shutil
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from spacy.language import Language
from spacy.tokens import Doc, Span
from spacy.util import ensure_path, filter_spans, minibatch

from oped.documents import annotate
from oped.errors import ModelError
from oped.neural.layout import ENTITIES_FILE
from oped.neural.trained import TrainedParser
from oped.parsers import is_language_model, open_parser
from oped.parsing.aliases import NAMED, Mention, canonical_names
from oped.parsing.protocol import ArgumentParser
from oped.parsing.short_forms import explained
from oped.parsing.spacy_entities import entities_of
from oped.records import ArgumentMap, Article
from oped.resources import DEFAULT_MODEL, find_model

ARGUMENTS = "oped_arguments"
LANGUAGE_MODEL_FILE = "language_model.json"


@Language.component("oped_entities", assigns=["doc.ents"], requires=["doc.ents"])
def name_entities(doc: Doc) -> Doc:
    """Give mentions of one entity one id: its fullest name in the article."""
    short_forms = explained(doc.text, [(span.start_char, span.end_char) for span in doc.ents])
    names = canonical_names([Mention(span.text, span.label_) for span in doc.ents], short_forms=short_forms)
    doc.ents = tuple(
        Span(doc, span.start, span.end, label=span.label, span_id=name)
        for span, name in zip(doc.ents, names, strict=True)
    )
    return doc


@Language.factory(
    ARGUMENTS,
    default_config={
        "model": DEFAULT_MODEL,
        "scheme": None,
        "threads": 2,
        "device": "cpu",
        "entities": False,
        "options": {},
    },
    assigns=["doc.ents", "doc.spans", "doc._.argument_map"],
)
def make_arguments(  # noqa: PLR0913 - one for each key of its configuration
    nlp: Language,
    name: str,
    model: str,
    scheme: str | None,
    threads: int,
    device: str,
    entities: bool,
    options: dict[str, Any],
) -> "ArgumentTagger":
    """Build the component.

    `model` is a path or name, `scheme` one of the model's (None: its default). With `entities` it finds the named entities
    too, beside those that a Doc has already, and writes them to `doc.ents`. `options` are those of a language model.
    """
    return ArgumentTagger(
        name, model=model, scheme=scheme, threads=threads, device=device, entities=entities, options=options
    )


class ArgumentTagger:
    """Finds components, risks, attribution and relations in a Doc, and named entities where it is asked to.

    Without its model, or with one that has no such scheme or finds no entities, it can do nothing but read another one from
    disk: a saved pipeline brings its model, wherever the one lies that it was made with.
    """

    def __init__(
        self,
        name: str,
        *,
        model: str,
        scheme: str | None = None,
        threads: int = 2,
        device: str = "cpu",
        entities: bool = False,
        options: Mapping[str, Any] | None = None,
    ) -> None:
        self.name, self.scheme_wanted, self.threads, self.device = name, scheme, threads, device
        self.finds_entities, self.options = entities, dict(options or {})
        self._failure: ModelError | None = None
        self._folder: Path | None = None
        self.parser: ArgumentParser
        try:
            if is_language_model(model):
                self._ask(model)
            else:
                self._load(find_model(model))
        except ModelError as error:
            self._failure = error

    def require_model(self) -> None:
        """Raise ModelError unless there is a model that does what was asked for."""
        if self._failure:
            raise self._failure

    def _ask(self, model: str) -> None:
        """Take a language model for a parser."""
        self.language_model = model
        self.parser = open_parser(
            model, scheme=self.scheme_wanted, threads=self.threads, entities=self.finds_entities, **self.options
        )

    def _load(self, folder: Path) -> None:
        parser = TrainedParser.open(
            folder, scheme=self.scheme_wanted, threads=self.threads, device=self.device, entities=self.finds_entities
        )
        if self.finds_entities and parser.recognizer is None:
            raise ModelError(f"{folder}: expected a model that finds entities, found no {ENTITIES_FILE}")
        self.parser, self._folder = parser, folder

    def __call__(self, doc: Doc) -> Doc:
        self.set_annotations(doc, self.predict(doc))
        return doc

    def pipe(self, stream: Iterable[Doc], *, batch_size: int = 32) -> Iterator[Doc]:
        """Annotate a stream of Docs; each alone, so that none depends on its neighbours."""
        for docs in minibatch(stream, batch_size):  # type: ignore[no-untyped-call]
            if any(doc.ents for doc in docs):
                yield from map(self, docs)
                continue
            self.require_model()
            maps = self.parser.pipe([doc._.article for doc in docs], batch_size=batch_size)
            for doc, amap in zip(docs, maps, strict=True):
                self.set_annotations(doc, amap)
                yield doc

    def predict(self, doc: Doc) -> ArgumentMap:
        """The map of a Doc, whose entities are kept; nothing is written to it."""
        return self.map(doc, doc._.article)

    def set_annotations(self, doc: Doc, amap: ArgumentMap) -> None:
        """Write the map, the span groups, and the entities that were found here."""
        annotate(doc, amap)
        if self.finds_entities:
            spans = (
                doc.char_span(part.start, part.end, label=part.label, span_id=part.name, alignment_mode="expand")
                for part in amap.entities
            )
            others = (span for span in doc.ents if span.label_ not in NAMED)
            doc.ents = filter_spans([*(span for span in spans if span is not None), *others])

    def map(self, doc: Doc, article: Article) -> ArgumentMap:
        """The map of an article whose text and entities a Doc has."""
        self.require_model()
        return self.parser.parse(article, entities=entities_of(doc) or None)

    def to_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> None:
        """Copy the model into a folder; of a language model its name and options, without the key."""
        self.require_model()
        folder = ensure_path(path)
        if self._folder is not None:
            shutil.copytree(self._folder, folder, dirs_exist_ok=True)
            return
        folder.mkdir(parents=True, exist_ok=True)
        data = {"model": self.language_model, "options": self.options}
        (folder / LANGUAGE_MODEL_FILE).write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")

    def from_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> "ArgumentTagger":
        """Use the model in a folder that `to_disk` wrote.

        Raises:
            ModelError: it is torn, or has not what was asked for.
        """
        asked = Path(path) / LANGUAGE_MODEL_FILE
        if asked.is_file():
            data = json.loads(asked.read_text(encoding="utf-8"))
            self.options = data["options"]
            self._ask(data["model"])
        else:
            self._load(Path(path))
        self._failure = None
        return self


def pipe_articles(nlp: Language, articles: Iterable[Article], *, batch_size: int) -> Iterator[ArgumentMap]:
    """The maps of articles by a pipeline; what stands before `oped_arguments` in it is run, what comes after is not."""
    tagger = nlp.get_pipe(ARGUMENTS)
    assert isinstance(tagger, ArgumentTagger)
    rest = nlp.pipe_names[nlp.pipe_names.index(ARGUMENTS) :]
    pairs = ((nlp.make_doc(article.text), article) for article in articles)
    for doc, article in nlp.pipe(pairs, as_tuples=True, batch_size=batch_size, disable=rest):
        yield tagger.map(doc, article)
