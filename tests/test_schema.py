import json
from importlib.resources import files

import jsonschema
import pytest
from spacy.language import Language

from oped.records import ArgumentMap
from tests.language.test_pipeline import TEXT

SCHEMA = json.loads((files("oped") / "schemas" / "argument-map-1.schema.json").read_text(encoding="utf-8"))


def validate(data: object) -> None:
    jsonschema.Draft202012Validator(SCHEMA).validate(data)


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_maps_of_the_model_are_valid(nlp: Language) -> None:
    validate(nlp(TEXT)._.argument_map.to_dict())


def test_a_map_made_by_hand_is_valid(article_map: ArgumentMap) -> None:
    validate(article_map.to_dict())


@pytest.mark.parametrize(
    "change",
    [
        {"version": 2},
        {"entities": None},
        {"components": [{"id": "c1"}]},
        {"relations": [{"id": "r1", "source": "c1", "target": "c2", "type": "like", "probability": 1}]},
        {"surprise": 1},
    ],
)
def test_other_things_are_not(article_map: ArgumentMap, change: dict[str, object]) -> None:
    with pytest.raises(jsonschema.ValidationError):
        validate(article_map.to_dict() | change)
