"""spaCy DocBin: Docs with their map in the user data; Docs without one are read by their span group `components`."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from oped.errors import FormatError
from oped.formats._draft import Draft, Span, assemble
from oped.formats._files import files_of
from oped.formats.problems import Report
from oped.records import ArgumentMap, Article


def read(path: Path, report: Report) -> Iterator[ArgumentMap]:
    """Read .spacy files."""
    import spacy
    from spacy.tokens import DocBin

    from oped.documents import COMPONENTS

    vocab = spacy.blank("en").vocab
    for file in files_of(path, ".spacy"):
        try:
            docs = list(DocBin().from_disk(file).get_docs(vocab))
        except Exception as error:  # msgpack, zlib and spaCy raise what they like
            raise FormatError(f"expected a spaCy DocBin: {type(error).__name__}", path=file) from None
        for number, doc in enumerate(docs, start=1):
            if (amap := doc._.argument_map) is not None:
                yield amap
                continue
            draft = Draft(Article(f"{file.stem}-{number}", doc.text, source=file.name), file)
            for count, span in enumerate(doc.spans.get(COMPONENTS, ()), start=1):
                draft.spans.append(
                    Span(f"T{count}", span.start_char, span.end_char, span.label_, place=f"doc {number}")
                )
            yield assemble(draft, report)


def write(maps: Iterable[ArgumentMap], path: Path) -> None:
    """Write one .spacy file; components and risks are span groups, the map lies in the user data."""
    import spacy
    from spacy.tokens import DocBin

    from oped.documents import annotate, make_doc

    nlp = spacy.blank("en")
    store = DocBin(store_user_data=True)
    for amap in maps:
        doc = make_doc(nlp, amap.article)
        annotate(doc, amap)
        store.add(doc)
    store.to_disk(path)
