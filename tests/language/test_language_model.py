"""A language model as the parser of a spaCy pipeline, over real HTTP."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import spacy

import oped
from oped.errors import ConfigError
from tests.llm.service import Service

TEXT = "The quay must close. Ann Lee of Hallen says that its piles may fail."
ANSWER = "1|M|1|The quay … must close||author|\n2|C|1|its piles … may fail|r|Ann Lee|+1"


@pytest.fixture
def endpoint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    with Service(answer=lambda request: ANSWER) as service:
        yield service.endpoint


def test_a_pipeline_is_read_by_a_language_model(endpoint: str) -> None:
    nlp = oped.load("llm:tiny", endpoint=endpoint)
    doc = nlp(TEXT)
    assert [span.text for span in doc.spans["components"]] == ["The quay must close", "its piles may fail"]
    assert [span.text for span in doc.spans["risks"]] == ["its piles may fail"]
    amap = doc._.argument_map
    assert amap.model.name == "llm:tiny"
    assert amap.components[1].attribution == oped.Attribution("other", "Ann Lee")
    assert any(ent.text == "Ann Lee" for ent in doc.ents)
    assert [doc.text for doc in nlp.pipe([TEXT, TEXT])] == [TEXT, TEXT]


def test_a_saved_pipeline_asks_the_same_language_model(endpoint: str, tmp_path: Path) -> None:
    oped.load("llm:tiny", endpoint=endpoint).to_disk(tmp_path / "pipeline")
    again = spacy.load(tmp_path / "pipeline")
    assert again(TEXT)._.argument_map.model.name == "llm:tiny"


def test_options_of_language_models_are_for_those_alone() -> None:
    with pytest.raises(ConfigError, match="an option of language models"):
        oped.map_article(oped.Article("a", TEXT), nlp=oped.load(endpoint="http://127.0.0.1:1/v1"))
