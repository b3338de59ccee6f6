"""Every format by name: how it is read and written, its scheme, and what it can't hold."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from oped.errors import ConfigError, FormatError
from oped.formats import (
    _aae_conll,
    _aif,
    _brat,
    _cas,
    _cdcp,
    _conll,
    _diagrams,
    _docbin,
    _label_studio,
    _microtexts,
    _networkx,
    _news_discourse,
    _oped,
    _pair_sets,
    _rdf,
    _sadface,
    _sentence_sets,
    _webanno,
    tables,
)
from oped.formats._draft import Problem, Report
from oped.records import ArgumentMap

Read = Callable[..., Iterator[ArgumentMap]]
Write = Callable[[Iterable[ArgumentMap], Path], None]
Configure = Callable[[Iterable[str], Iterable[str], Path], None]


@dataclass(frozen=True, slots=True)
class Format:
    """A corpus or map format.

    Attributes:
        scheme: of what is read, where the format belongs to one corpus.
        splits: folder or file patterns of the parts of the corpus as distributed, by name.
        loses: what a map loses when written.
        configure: writes the annotation tool's own configuration, with the labels of components and of relations, beside
            what is written to a path; one that is there already is left as it is.
    """

    name: str
    summary: str
    read: Read | None = None
    write: Write | None = None
    scheme: str | None = None
    splits: Mapping[str, tuple[str, ...]] | None = None
    suffixes: tuple[str, ...] = ()
    loses: tuple[str, ...] = ()
    configure: Configure | None = None


_DRAWN = ("the article's text", "offsets", "entities", "article metadata")
_ARGKP = {part: (f"arguments_{part}.csv",) for part in ("train", "dev", "test")}
_TEXT_FILES = {part: (f"{part}.txt",) for part in ("train", "dev", "test")}
_ALL = [
    Format("oped", "oped's own JSON or JSONL", _oped.read, _oped.write, suffixes=(".json", ".jsonl")),
    Format(
        "brat",
        "brat standoff",
        _brat.read,
        _brat.write,
        loses=("entities", "article metadata"),
        configure=_brat.configure,
    ),
    Format(
        "aae2-conll",
        "argument-annotated essays, CoNLL form of Eger et al. 2017",
        _aae_conll.read,
        _aae_conll.write,
        scheme="aae2",
        splits={"train": ("train.dat",), "dev": ("dev.dat",), "test": ("test.dat",)},
        loses=("white space", "entities", "article metadata", "risk", "attribution", "probabilities"),
    ),
    Format("aae2-brat", "argument-annotated essays, brat", partial(_brat.read, scheme="aae2"), scheme="aae2"),
    Format(
        "cdcp", "Cornell eRulemaking corpus", _cdcp.read, scheme="cdcp", splits={"train": ("train",), "test": ("test",)}
    ),
    Format(
        "abstrct",
        "RCT abstracts",
        partial(_brat.read, scheme="abstrct"),
        scheme="abstrct",
        splits={part: (f"{part}/*", f"*{part}*") for part in ("train", "dev", "test")},
    ),
    Format("microtexts", "arg-microtexts, XML graphs", _microtexts.read, scheme="microtexts"),
    Format("cmv", "ChangeMyView modes, brat", partial(_brat.read, scheme="cmv", offsets_in_bytes=True), scheme="cmv"),
    Format("elecdeb", "US election debates, brat", partial(_brat.read, scheme="elecdeb"), scheme="elecdeb"),
    Format(
        "news-discourse",
        "discourse roles of news sentences",
        _news_discourse.read,
        scheme="news_discourse",
        splits={"train": ("train.zip",), "dev": ("validation.zip",)},
    ),
    Format(
        "elecdeb-relations", "US election debates, relation table", _pair_sets.read_elecdeb_relations, scheme="elecdeb"
    ),
    Format("argkp", "arguments and key points of ArgKP-2021", _pair_sets.read_argkp, scheme="argkp", splits=_ARGKP),
    Format("perspectrum", "claims and perspectives", _pair_sets.read_perspectrum, scheme="perspectrum"),
    Format(
        "nixon-kennedy", "argument pairs of the campaign of 1960", _pair_sets.read_nixon_kennedy, scheme="nixon_kennedy"
    ),
    Format("normarg", "Kialo pairs with kinds of justification", _pair_sets.read_normarg, scheme="normarg"),
    Format("iam-claims", "claim sentences of IAM", _sentence_sets.read_iam_claims, scheme="iam", splits=_TEXT_FILES),
    Format(
        "iam-stance", "claims of IAM with their stance", _pair_sets.read_iam_stance, scheme="iam", splits=_TEXT_FILES
    ),
    Format("starcon", "debate arguments, consequence or not", _sentence_sets.read_starcon, scheme="starcon"),
    Format(
        "politicause",
        "political sentences, causal or not",
        _sentence_sets.read_politicause,
        scheme="politicause",
        splits={"train": ("train.csv",), "dev": ("val.csv",), "test": ("test.csv",)},
    ),
    Format(
        "causalnews",
        "spans of cause and effect in news sentences",
        _sentence_sets.read_causalnews,
        scheme="causalnews",
        splits={part: (f"{part}_subtask2_grouped.csv",) for part in ("train", "dev")},
    ),
    Format(
        "label-studio",
        "Label Studio tasks, written as pre-annotations",
        _label_studio.read,
        _label_studio.write,
        loses=("entities", "risk probability", "probabilities of relations", "model"),
        configure=_label_studio.configure,
    ),
    Format(
        "conll",
        "CoNLL BIO",
        _conll.read,
        _conll.write,
        suffixes=(".conll",),
        loses=("white space", "relations", "entities", "article metadata", "risk", "attribution", "probabilities"),
    ),
    Format(
        "webanno",
        "WebAnno TSV 3, for INCEpTION",
        _webanno.read,
        _webanno.write,
        loses=("white space between paragraphs", "entities", "article metadata", "model"),
    ),
    Format(
        "cas",
        "UIMA CAS, XMI or JSON, for INCEpTION",
        _cas.read,
        _cas.write,
        suffixes=(".xmi",),
        loses=("entities", "authors, date and address of the article", "model"),
    ),
    Format("docbin", "spaCy DocBin", _docbin.read, _docbin.write, suffixes=(".spacy",)),
    Format("aif", "Argument Interchange Format, JSON", _aif.read, _aif.write_aif),
    Format("xaif", "xAIF, the JSON that oAMF modules exchange", _aif.read, _aif.write_xaif),
    Format("sadface", "SADFace, JSON", _sadface.read, _sadface.write),
    Format("rdf", "RDF with the AIF ontology", _rdf.read, _rdf.write, suffixes=tuple(_rdf.SYNTAXES)),
    Format(
        "graphml", "GraphML, through networkx", _networkx.read_graphml, _networkx.write_graphml, suffixes=(".graphml",)
    ),
    Format("parquet", "a folder of Parquet tables", tables.read_parquet, tables.write_parquet),
    Format("csv", "a folder of CSV tables", tables.read_csv, tables.write_csv),
    Format("dot", "DOT, for graphviz", None, _diagrams.write_dot, suffixes=(".dot", ".gv"), loses=_DRAWN),
    Format("mermaid", "Mermaid flowchart", None, _diagrams.write_mermaid, suffixes=(".mmd",), loses=_DRAWN),
    Format("argdown", "Argdown", None, _diagrams.write_argdown, suffixes=(".argdown",), loses=_DRAWN),
]
FORMATS = {item.name: item for item in _ALL}


def find_format(name: str) -> Format:
    """The format of that name.

    Raises:
        ConfigError: there is none.
    """
    if name not in FORMATS:
        raise ConfigError(f"expected a format, one of {', '.join(sorted(FORMATS))}; found {name!r}")
    return FORMATS[name]


def read_corpus(
    path: str | Path,
    format: str,
    *,
    split: str | None = None,
    report: Report | None = None,
    texts: Callable[[str], object] | None = None,
) -> Iterator[ArgumentMap]:
    """Read an annotated corpus, document by document.

    Args:
        format: its name, one of `FORMATS`.
        split: the part to read, where the corpus is distributed in parts.
        report: is called with each inconsistency; by default they are passed over (see `oped corpus check`).
        texts: finds the article of an annotation that comes without its text, by id.

    Raises:
        FormatError: nothing to read, or the only file is malformed.
        ConfigError: no such format or split.
    """
    chosen = find_format(format)
    if chosen.read is None:
        raise ConfigError(f"{format} can be written, not read")
    more = {} if texts is None else {"texts": texts}
    for part in _part(Path(path), chosen, split):
        yield from chosen.read(part, report or _ignore, **more)


def _ignore(problem: Problem) -> None:
    pass


def _part(path: Path, chosen: Format, split: str | None) -> list[Path]:
    if not path.exists():
        raise FormatError("expected a file or folder, found nothing", path=path)
    if not split:
        return [path]
    patterns = (chosen.splits or {}).get(split, (split, f"{split}.*"))
    if path.is_file():
        if any(path.match(pattern) for pattern in patterns):
            return [path]
        raise ConfigError(f"{path}: no part {split!r}: the file is not named {' or '.join(patterns)}")
    for pattern in patterns:
        if found := sorted(path.glob(pattern)):
            return found
    raise ConfigError(f"{path}: no part {split!r}: expected {' or '.join(patterns)}")


def format_by_suffix(path: Path) -> str | None:
    """Name of the first format that a file's ending belongs to."""
    name = path.name.lower()
    return next(
        (item.name for item in FORMATS.values() if any(name.endswith(suffix) for suffix in item.suffixes)), None
    )
