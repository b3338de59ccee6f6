from pathlib import Path

import pytest
import spacy
from spacy import displacy
from spacy.language import Language
from spacy.tokens import DocBin

import oped
from oped.records import ArgumentMap, Article

TEXT = (
    "The council should drop the harbour levy. According to the Coastal Transport Institute, 61 % of the passengers travel for work. "
    "If the winter boat goes, the clinic on Hallen could lose its surgeon.\n\n"
    "The treasurer, Piet Lindgaard, argues that the levy will repair the quay. But Lindgaard's own report admits that the works would take twelve years."
)
LONG = "\n\n".join(
    f"{TEXT}\n\nParagraph {number} adds that prices in Kazakhstan may rise because supply is short."
    for number in range(30)
)


def test_a_doc_has_entities_components_and_a_map(nlp: Language) -> None:
    doc = nlp(TEXT)
    amap = doc._.argument_map
    assert isinstance(amap, ArgumentMap)
    assert {span.text for span in doc.spans["components"]} == {part.text for part in amap.components}
    assert [span.label_ for span in doc.spans["components"]] == [part.type for part in amap.components]
    assert {span.text for span in doc.spans["risks"]} == {part.text for part in amap.components if part.risk}
    assert amap.components
    assert any(ent.text == "Lindgaard" and ent.id_ == "Piet Lindgaard" for ent in doc.ents)


def test_a_map_does_not_depend_on_its_batch(nlp: Language) -> None:
    articles = [Article("a", TEXT), Article("b", LONG), Article("c", TEXT[:150])]
    together = [amap.to_dict() for amap in oped.map_articles(articles, nlp=nlp)]
    alone = [next(iter(oped.map_articles([article], nlp=nlp))).to_dict() for article in articles]
    backwards = [amap.to_dict() for amap in oped.map_articles(articles[::-1], nlp=nlp, batch_size=1)][::-1]
    assert together == alone == backwards


def test_a_long_article_is_mapped_to_its_end(nlp: Language) -> None:
    amap = nlp(LONG)._.argument_map
    assert amap.components[-1].end > len(LONG) - 200


@pytest.mark.parametrize("text", ["", " \n\n ", "Yes.", "?!", "a" * 10_000, "👩‍👩‍👧 says “no”.", "שלום world."])
def test_odd_texts_have_maps(nlp: Language, text: str) -> None:
    amap = nlp(text)._.argument_map
    assert amap is not None and amap.article.text == text


def test_the_article_gives_metadata(nlp: Language) -> None:
    article = Article(
        "x7", TEXT, "A title", ("Ann Lee",), "2024-01-02", "https://example.org", "a.md", extra={"outlet": "X"}
    )
    assert next(iter(oped.map_articles([article], nlp=nlp))).article == article


def test_doc_bin_keeps_the_map(nlp: Language) -> None:
    doc = nlp(TEXT)
    stored = DocBin(store_user_data=True, docs=[doc]).to_bytes()
    again = next(iter(DocBin(store_user_data=True).from_bytes(stored).get_docs(nlp.vocab)))
    assert again._.argument_map == doc._.argument_map
    assert [(span.text, span.label_) for span in again.spans["components"]] == [
        (span.text, span.label_) for span in doc.spans["components"]
    ]


def test_the_pipeline_survives_the_disk(nlp: Language, tmp_path: Path) -> None:
    nlp.to_disk(tmp_path / "model")
    again = spacy.load(tmp_path / "model")
    assert again(TEXT)._.argument_map.to_dict() == nlp(TEXT)._.argument_map.to_dict()


def test_the_component_works_in_a_blank_pipeline() -> None:
    blank = spacy.blank("en")
    blank.add_pipe("oped_arguments", config={"model": "en_opinion_sm", "threads": 1})
    doc = next(iter(blank.pipe([TEXT])))
    assert doc._.argument_map.components and not doc._.argument_map.entities


def test_another_scheme_of_the_model() -> None:
    amap = oped.load(scheme="aae2")(TEXT)._.argument_map
    assert amap.scheme == "aae2"
    assert {part.type for part in amap.components} <= {"MajorClaim", "Claim", "Premise"}


def test_displacy_shows_the_components(nlp: Language) -> None:
    html = displacy.render(nlp(TEXT), style="span", options={"spans_key": "components"}, jupyter=False)
    assert any(kind in html for kind in ("premise", "claim"))


def test_components_link_to_the_entities_they_mention(nlp: Language) -> None:
    amap = nlp(TEXT)._.argument_map
    mentions = {entity.id: entity for entity in amap.entities}
    for part in amap.components:
        inside = [entity.id for entity in amap.entities if part.start <= entity.start and entity.end <= part.end]
        assert list(part.entities) == inside
    assert mentions


def test_no_model_no_pipeline() -> None:
    with pytest.raises(oped.OpedError, match="no model at 'none'"):
        oped.load("none")


def test_no_such_scheme() -> None:
    with pytest.raises(oped.OpedError, match="not in 'none'"):
        oped.load(scheme="none")


def test_a_very_long_article_is_mapped_whole(nlp: Language) -> None:
    text = "\n\n".join(
        f"The quay of town {number} must close. It could fail, since its piles rot." for number in range(300)
    )
    amap = nlp(text)._.argument_map
    assert len(amap.components) > 400
    assert amap.components[-1].start > 0.95 * len(text)
    assert len(amap.relations) > 100
