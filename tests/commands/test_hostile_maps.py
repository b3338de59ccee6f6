"""Maps that are no maps, or are made to hang or to grow: each is answered in one line, by every command that reads maps."""

import json
from pathlib import Path

import pytest

from oped.apart import MEMORY, MOST_MEMORY, MOST_SECONDS, SECONDS, Limits, limits_for
from oped.compare import inputs
from oped.compare.inputs import read_maps
from oped.errors import FormatError, TooCostlyError
from oped.formats import _files
from oped.formats.problems import Problem
from oped.formats.registry import read_corpus
from oped.records import ArgumentMap
from tests.commands.test_map import run

HOSTILE = {
    "deep": b"[" * 200_000,
    "deeper": b'{"a":' * 200_000,
    "digits": b'{"format": ' + b"9" * 5000 + b"}",
    "nothing": b"",
    "null": b"null",
    "bytes": bytes(range(256)) * 100,
    "utf-16": '{"format": 1}'.encode("utf-16"),
    "list": b'[{"format": "oped/argument-map"}]',
    "wrong": b'{"format": "oped/argument-map", "version": 1, "article": {"id": {}, "text": []}, "components": 3}',
    "surrogate": b'{"format": "oped/argument-map", "version": 1, "article": {"id": "\\ud800", "text": "x"}}',
}


@pytest.mark.parametrize("command", ["map", "convert", "compare"])
@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_what_is_no_map_is_said_in_a_line(command: str, name: str, tmp_path: Path) -> None:
    (tmp_path / "in.json").write_bytes(HOSTILE[name])
    target = {"map": ["-o", tmp_path / "out.json"], "convert": [tmp_path / "out.jsonl"]}
    done = run(command, tmp_path / "in.json", *target.get(command, ["-o", tmp_path / "out.json"]))
    text = done.stderr.decode()
    assert done.returncode == 1 and len(text.splitlines()) == 1 and "in.json" in text, text
    assert [path.name for path in tmp_path.iterdir()] == ["in.json"]


def test_a_map_that_grows_is_stopped_and_named(
    tmp_path: Path, article_map: ArgumentMap, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.json").write_text(json.dumps(article_map.to_dict()))
    (tmp_path / "b.json").write_bytes(b"[" + b"[]," * 3_000_000 + b"[]]")
    monkeypatch.setattr(inputs, "limits_for", lambda paths: Limits(memory=50 << 20))
    maps = read_maps([tmp_path])
    assert next(maps) == article_map
    with pytest.raises(TooCostlyError, match=r"b\.json: expected .* over 50 MB of memory"):
        next(maps)


def test_bounds_grow_with_the_largest_file(tmp_path: Path) -> None:
    assert limits_for([tmp_path / "none.json"]) == limits_for([tmp_path])
    assert (limits_for([tmp_path]).seconds, limits_for([tmp_path]).memory) == (SECONDS, MEMORY)
    for name, size in (("a.json", 1 << 20), ("b.json", 20 << 20)):
        with open(tmp_path / name, "wb") as stream:
            stream.truncate(size)
    assert limits_for([tmp_path]) == limits_for([tmp_path / "a.json", tmp_path / "b.json"])
    assert limits_for([tmp_path]).seconds == SECONDS + 4
    with open(tmp_path / "b.json", "wb") as stream:
        stream.truncate(1 << 40)
    assert (limits_for([tmp_path]).seconds, limits_for([tmp_path]).memory) == (MOST_SECONDS, MOST_MEMORY)


def test_json_that_is_too_large_is_refused_unread_and_costs_itself_alone(
    tmp_path: Path, article_map: ArgumentMap, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = json.dumps(article_map.to_dict())
    monkeypatch.setattr(_files, "MOST_JSON", 1 << 20)
    (tmp_path / "a.jsonl").write_text(f"{good}\n[{'1,' * (2 << 20)}1]\n{good}\n")
    problems: list[Problem] = []
    assert list(read_corpus(tmp_path / "a.jsonl", "oped", report=problems.append)) == [article_map] * 2
    assert [(one.place, one.reason) for one in problems] == [
        ("line 2", "expected at most 1 MB of JSON in a line, found more")
    ]
    (tmp_path / "a.json").write_text(f"[{'1,' * (2 << 20)}1]")
    with pytest.raises(FormatError, match="expected at most 1 MB of JSON, found 4 MB"):
        list(read_corpus(tmp_path / "a.json", "oped"))
