"""Table of all formats; one more is one more row here."""

from functools import partial

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
    key_points,
    pairs,
    stances,
    tables,
)
from oped.formats.format import CorpusKind, Format, Read

_Splits = dict[str, tuple[str, ...]]


def _corpus(name: str, summary: str, read: Read, scheme: str, splits: _Splits | None = None) -> Format:
    return Format(name, summary, read, scheme=scheme, splits=splits)


def _brat_corpus(name: str, summary: str, splits: _Splits | None = None) -> Format:
    scheme = name.removesuffix("-brat")
    return _corpus(name, summary, partial(_brat.read, scheme=scheme), scheme, splits)


def _parts(pattern: str, *names: str) -> _Splits:
    return {name: (pattern.format(name),) for name in names or ("train", "dev", "test")}


_TOOL = ("entities", "gists", "article metadata", "model")
_TOKENS = ("white space", *_TOOL, "risk", "attribution", "probabilities")
_DRAWN = ("the article's text", "offsets", *_TOOL)
_OPED = (
    Format(
        "oped",
        "oped's own JSON or JSONL",
        _oped.read,
        _oped.write,
        read_pairs=pairs.of_maps,
        suffixes=(".json", ".jsonl"),
    ),
    Format(
        "oped-pairs",
        "labelled pairs of spans of the articles beside them",
        kind=CorpusKind.PAIRS,
        read_pairs=pairs.of_labelled_spans,
    ),
    Format(
        "oped-contrasts",
        "statements for, against and beside a matter",
        kind=CorpusKind.PAIRS,
        read_pairs=pairs.of_contrasts,
    ),
    Format(
        "oped-stances", "stances of statements towards entities", kind=CorpusKind.STANCES, read_stances=stances.read
    ),
)
_CORPORA = (
    Format(
        "aae2-conll",
        "argument-annotated essays, CoNLL form of Eger et al. 2017",
        _aae_conll.read,
        _aae_conll.write,
        scheme="aae2",
        splits=_parts("{}.dat"),
        loses=_TOKENS,
    ),
    _brat_corpus("aae2-brat", "argument-annotated essays, brat"),
    _corpus("cdcp", "Cornell eRulemaking corpus", _cdcp.read, "cdcp", _parts("{}", "train", "test")),
    _brat_corpus("abstrct", "RCT abstracts", {part: (f"{part}/*", f"*{part}*") for part in ("train", "dev", "test")}),
    _corpus("microtexts", "arg-microtexts, XML graphs", _microtexts.read, "microtexts"),
    _corpus("cmv", "ChangeMyView modes, brat", partial(_brat.read, scheme="cmv", offsets_in_bytes=True), "cmv"),
    _brat_corpus("elecdeb", "US election debates, brat"),
    _corpus(
        "news-discourse",
        "discourse roles of news sentences",
        _news_discourse.read,
        "news_discourse",
        {"train": ("train.zip",), "dev": ("validation.zip",)},
    ),
    _corpus("elecdeb-relations", "US election debates, relation table", _pair_sets.read_elecdeb_relations, "elecdeb"),
    Format(
        "argkp",
        "arguments and key points of ArgKP-2021",
        key_points.read,
        kind=CorpusKind.KEY_POINTS,
        read_pairs=pairs.of_key_points,
        scheme="argkp",
        splits=_parts("arguments_{}.csv"),
    ),
    Format(
        "perspectrum",
        "claims and perspectives",
        _pair_sets.read_perspectrum,
        read_pairs=pairs.of_perspectives,
        scheme="perspectrum",
    ),
    _corpus("nixon-kennedy", "argument pairs of the campaign of 1960", _pair_sets.read_nixon_kennedy, "nixon_kennedy"),
    _corpus("normarg", "Kialo pairs with kinds of justification", _pair_sets.read_normarg, "normarg"),
    _corpus("iam-claims", "claim sentences of IAM", _sentence_sets.read_iam_claims, "iam", _parts("{}.txt")),
    _corpus("iam-stance", "claims of IAM with their stance", _pair_sets.read_iam_stance, "iam", _parts("{}.txt")),
    _corpus("starcon", "debate arguments, consequence or not", _sentence_sets.read_starcon, "starcon"),
    _corpus(
        "politicause",
        "political sentences, causal or not",
        _sentence_sets.read_politicause,
        "politicause",
        _parts("{}.csv") | {"dev": ("val.csv",)},
    ),
    _corpus(
        "causalnews",
        "spans of cause and effect in news sentences",
        _sentence_sets.read_causalnews,
        "causalnews",
        _parts("{}_subtask2_grouped.csv", "train", "dev"),
    ),
)
_TOOLS = (
    Format("brat", "brat standoff", _brat.read, _brat.write, loses=_TOOL, configure=_brat.configure),
    Format(
        "label-studio",
        "Label Studio tasks, written as pre-annotations",
        _label_studio.read,
        _label_studio.write,
        loses=("entities", "gists", "risk probability", "probabilities of relations", "model"),
        configure=_label_studio.configure,
    ),
    Format("conll", "CoNLL BIO", _conll.read, _conll.write, suffixes=(".conll",), loses=("relations", *_TOKENS)),
    Format(
        "webanno",
        "WebAnno TSV 3, for INCEpTION",
        _webanno.read,
        _webanno.write,
        loses=("white space between paragraphs", *_TOOL),
    ),
    Format(
        "cas",
        "UIMA CAS, XMI or JSON, for INCEpTION",
        _cas.read,
        _cas.write,
        suffixes=(".xmi",),
        loses=("entities", "gists", "authors, date and address of the article", "model"),
    ),
)
_EXCHANGE = (
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
)
FORMATS = {item.name: item for item in (*_OPED, *_CORPORA, *_TOOLS, *_EXCHANGE)}
