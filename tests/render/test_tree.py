import io

from rich.console import Console

from oped.records import ArgumentMap
from oped.render.tree import print_tree


def test_what_supports_and_attacks_hangs_below_its_claim(article_map: ArgumentMap) -> None:
    stream = io.StringIO()
    print_tree(article_map, Console(file=stream, width=120))
    lines = stream.getvalue().splitlines()
    assert lines[0] == "On the quay"
    tree = [line for line in lines if "quay must be closed" in line or "piles" in line or "crack" in line]
    assert tree[0].startswith("major claim The quay must be closed")
    assert "+ claim ⚠ risk its piles may fail [Ann Lee]" in tree[1]
    assert "- premise the harbour board" in tree[2]


def test_brackets_in_the_text_are_no_markup(article_map: ArgumentMap) -> None:
    data = article_map.to_dict()
    text = "See [bold]this[/bold] now."
    data["article"]["text"] = text
    data["components"] = [data["components"][0] | {"start": 0, "end": len(text), "text": text, "entities": []}]
    data["relations"], data["entities"] = [], []
    stream = io.StringIO()
    print_tree(ArgumentMap.from_dict(data), Console(file=stream, width=120))
    assert text in stream.getvalue()
