import json

from tests.helpers.cli import call


def test_the_shipped_model_is_listed_with_its_schemes() -> None:
    rows = json.loads(call("models", "--json").stdout)
    shipped = next(row for row in rows if row["name"] == "en_opinion_sm")
    assert {"opinion", "aae2"} <= set(shipped["schemes"])


def test_a_models_card_is_printed() -> None:
    card = call("models", "en_opinion_sm").stdout.decode()
    assert "CC BY-NC-SA 4.0" in card
