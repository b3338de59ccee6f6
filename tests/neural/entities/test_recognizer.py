import shutil
from pathlib import Path

import numpy as np
import pytest
import spacy

import oped
from oped.errors import ModelError
from oped.neural.entities.recognizer import ENTITIES_FILE, SHAPES, TAGS, EntityRecognizer, Named, decode, word_shapes
from oped.numeric import Floats
from oped.resources import find_model
from oped.words import Words, split_words

TEXT = (
    "Maren Oduya told the World Food Programme that Kazakhstan would help. The United Nations doubted it.\n\n"
    "In Kazakhstan, Oduya went on, Russian lorries wait."
)


def scores(text: str, tags: dict[str, str], sure: float = 5.0) -> tuple[Floats, Words]:
    """Scores that favour the given tags of words, and being outside elsewhere."""
    spans = split_words(text)
    rows: Floats = np.zeros((len(spans), len(TAGS)), dtype=np.float32)
    for row, (start, end) in zip(rows, spans, strict=True):
        row[TAGS.index(tags.get(text[start:end], "O"))] = sure
    return rows, Words.of(text, spans)


def test_runs_of_one_label_are_mentions() -> None:
    text = "Ann Lee saw Hallen"
    rows, words = scores(text, {"Ann": "B-PERSON", "Lee": "I-PERSON", "Hallen": "B-GPE"})
    assert decode(rows, text, words) == [Named(0, 2, "PERSON"), Named(3, 4, "GPE")]


def test_a_mention_does_not_fall_apart_over_labels() -> None:
    text = "the Central Asia summit"
    rows, words = scores(text, {"Central": "B-NORP", "Asia": "I-LOC"})
    rows[1, TAGS.index("B-LOC")] = 4.9
    assert decode(rows, text, words) == [Named(1, 3, "LOC")]


def test_one_name_has_one_label_in_an_article() -> None:
    text = "Hallen voted. Hallen paid. Hallen left."
    rows, words = scores(text, {"Hallen": "B-GPE"})
    rows[0, TAGS.index("B-GPE")], rows[0, TAGS.index("B-ORG")] = 2.0, 2.5
    assert {item.label for item in decode(rows, text, words)} == {"GPE"}


def test_no_mention_goes_over_a_paragraph() -> None:
    text = "to Ann\n\nLee went"
    rows, words = scores(text, {"Ann": "B-PERSON", "Lee": "I-PERSON"})
    assert all(item.end <= 2 or item.start >= 2 for item in decode(rows, text, words))


def test_shapes_tell_capitals_and_openings() -> None:
    text = "“The UN met. It was 1945 in Bonn.\nAll left."
    spans = split_words(text)
    shapes = word_shapes(text, Words.of(text, spans))
    by_word = {text[start:end]: row.tolist() for row, (start, end) in zip(shapes, spans, strict=True)}
    assert shapes.shape == (len(spans), SHAPES)
    assert by_word["The"] == [1, 0, 1, 0, 1] and by_word["It"][4] == by_word["All"][4] == 1
    assert by_word["UN"] == [1, 1, 1, 0, 0] and by_word["1945"] == [0, 0, 0, 1, 0] and by_word["Bonn"][4] == 0


def test_the_shipped_model_finds_names_without_spacys_recognizer() -> None:
    nlp = oped.load()
    doc = nlp(TEXT)
    found = {(part.text, part.label) for part in doc._.argument_map.entities}
    assert {("Kazakhstan", "GPE"), ("World Food Programme", "ORG"), ("Russian", "NORP")} <= found
    assert any(text == "Maren Oduya" and label == "PERSON" for text, label in found)
    assert {(ent.text, ent.label_) for ent in doc.ents} == found and "ner" not in nlp.pipe_names


def test_a_model_without_recognizer_has_spacys(tmp_path: Path) -> None:
    folder = shutil.copytree(find_model("en_opinion_sm"), tmp_path / "model")
    (folder / ENTITIES_FILE).unlink()
    nlp = oped.load(folder)
    assert "ner" in nlp.pipe_names and any(ent.text == "Kazakhstan" for ent in nlp(TEXT).ents)


@pytest.mark.parametrize("finds", [False, True])
def test_entities_that_a_doc_has_are_kept(finds: bool) -> None:
    nlp = spacy.blank("en")
    patterns = [("PRODUCT", "lorries"), ("ORG", "Kazakhstan would"), ("DATE", "wait")]
    nlp.add_pipe("entity_ruler").add_patterns([{"label": label, "pattern": pattern} for label, pattern in patterns])
    nlp.add_pipe("oped_arguments", config={"threads": 1, "entities": finds})
    doc = nlp(TEXT)
    found = [(part.text, part.label) for part in doc._.argument_map.entities]
    given = [("Kazakhstan would", "ORG"), ("lorries", "PRODUCT")]
    assert [item for item in found if item in given] == given
    assert (("Russian", "NORP") in found) == finds and ("wait", "DATE") not in found
    assert {(ent.text, ent.label_) for ent in doc.ents} == {*found, ("wait", "DATE")}
    again = next(iter(oped.map_articles([doc._.article], nlp=nlp)))
    assert again.entities == doc._.argument_map.entities


def test_marks_alone_are_no_mention() -> None:
    text = "He said ” no"
    rows, words = scores(text, {"”": "B-ORG"})
    assert decode(rows, text, words) == []


def test_a_saved_pipeline_needs_nothing_of_where_it_was_made(tmp_path: Path) -> None:
    folder = shutil.copytree(find_model("en_opinion_sm"), tmp_path / "model")
    oped.load(folder).to_disk(tmp_path / "saved")
    shutil.rmtree(folder)
    again = spacy.load(tmp_path / "saved")
    assert any(ent.text == "Kazakhstan" for ent in again(TEXT).ents)


def test_no_entities_where_none_are_wanted() -> None:
    doc = oped.load(entities=False)(TEXT)
    assert not doc.ents and not doc._.argument_map.entities


def test_a_torn_file_is_named(tmp_path: Path) -> None:
    (tmp_path / ENTITIES_FILE).write_bytes(b"\x08\x00")
    with pytest.raises(ModelError, match=ENTITIES_FILE):
        EntityRecognizer.load(tmp_path, 384)


def test_a_recognizer_of_another_encoder_is_refused() -> None:
    with pytest.raises(ModelError, match="on 768 dimensions, found one on 384"):
        EntityRecognizer.load(find_model("en_opinion_sm"), 768)


def test_a_text_without_words_has_no_mentions() -> None:
    recognizer = EntityRecognizer.load(find_model("en_opinion_sm"), 384)
    assert recognizer and recognizer("", Words.of("", []), np.zeros((0, 384), dtype=np.float32)) == []
