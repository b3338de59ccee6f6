import json
import subprocess
import sys
from pathlib import Path

import pytest

from oped.records import ArgumentMap
from oped.resources import data_folder
from tests.helpers.cli import call, run
from tests.ingest.test_readers import BODY

SAMPLE = data_folder("samples") / "port-levy.md"


def test_json_on_the_standard_output() -> None:
    done = run("map", SAMPLE)
    assert done.returncode == 0, done.stderr
    data = json.loads(done.stdout)
    assert data["format"] == "oped/argument-map"
    assert data["article"]["title"] == "The harbour levy will cost us the ferry"
    assert data["article"]["authors"] == ["Maren Oduya"]
    assert data["article"]["published"] == "2024-05-14"
    assert len(data["components"]) >= 8
    assert "About the author" not in data["article"]["text"]


def test_a_page_by_the_ending_of_the_output(tmp_path: Path) -> None:
    done = call("map", SAMPLE, "-o", tmp_path / "map.html")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "map.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    assert [path.name for path in tmp_path.iterdir()] == ["map.html"]


@pytest.fixture
def map_file(tmp_path: Path, article_map: ArgumentMap) -> Path:
    path = tmp_path / "given.json"
    path.write_text(json.dumps(article_map.to_dict()), encoding="utf-8")
    return path


@pytest.mark.parametrize(("name", "begin"), [("m.html", b"<!doctype"), ("m.svg", b"<svg"), ("m.md", b"# On the quay")])
@pytest.mark.parametrize("command", ["map", "convert"])
def test_a_map_that_is_given_is_shown(map_file: Path, name: str, begin: bytes, command: str) -> None:
    target = map_file.with_name(name)
    done = call(command, map_file, *(["-o"] if command == "map" else []), target)
    assert done.returncode == 0, done.stderr
    assert target.read_bytes().startswith(begin)


def test_a_map_on_the_standard_input_is_shown(map_file: Path) -> None:
    done = call("map", "-", "--format", "outline", stdin=map_file.read_bytes())
    assert done.stdout.decode().startswith("# On the quay"), done.stderr


def test_a_map_is_never_read_as_prose_whatever_its_name(map_file: Path, article_map: ArgumentMap) -> None:
    named = map_file.rename(map_file.with_name("given.txt"))
    done = call("map", named)
    assert json.loads(done.stdout) == article_map.to_dict()


def test_prose_in_braces_is_prose(tmp_path: Path) -> None:
    path = tmp_path / "prose.txt"
    path.write_text("{Note} " + BODY, encoding="utf-8")
    assert json.loads(call("map", path).stdout)["article"]["text"].startswith("{Note}")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"title": "no map"}', "no valid map or annotation"),
        ("{broken", "malformed JSON"),
        ("", "expected an article or one map, found 0 maps"),
    ],
)
def test_json_that_is_no_map_is_refused(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / ("x.jsonl" if not content else "x.json")
    path.write_text(content, encoding="utf-8")
    done = call("map", path)
    assert done.returncode == 1 and message in done.stderr.decode()


def test_several_maps_make_no_page(tmp_path: Path, map_file: Path) -> None:
    line = json.dumps(json.loads(map_file.read_text(encoding="utf-8")))
    path = tmp_path / "two.jsonl"
    path.write_text(f"{line}\n{line}\n", encoding="utf-8")
    done = call("convert", path, tmp_path / "two.html")
    assert done.returncode == 1 and "expected one map to show as html, found 2" in done.stderr.decode()


def test_a_tree_for_the_terminal() -> None:
    done = call("map", SAMPLE, "--format", "tree")
    assert done.returncode == 0 and b"claim" in done.stdout


def test_the_standard_input_is_read() -> None:
    done = call("map", "-", stdin=BODY.encode())
    assert json.loads(done.stdout)["article"]["text"] == BODY


@pytest.mark.parametrize(
    ("kind", "text"), [("text", "# On *markets*"), ("markdown", "On markets"), ("html", "# On *markets*")]
)
def test_what_the_input_is_can_be_told(kind: str, text: str) -> None:
    page = f"# On *markets*\n\n{BODY}" if kind != "html" else f"<p># On *markets*</p><p>{BODY}</p>"
    article = json.loads(call("map", "-", "--kind", kind, stdin=page.encode()).stdout)["article"]
    assert text in (article["title"] or "") + article["text"]
    assert ("*" in (article["title"] or "") + article["text"]) == (kind != "markdown")


@pytest.mark.parametrize(
    ("arguments", "stdin", "code", "message"),
    [
        (["map", "nothing.txt"], b"", 1, "No such file"),
        (["map", "-"], b"", 1, "found nothing"),
        (["map", "-"], bytes(range(256)) * 4, 1, "binary"),
        (["map", "-", "--model", "nobody"], b"Some words of English text.", 1, "no model at 'nobody'"),
        (["map", "-", "--scheme", "nothing"], b"Some words of English text.", 1, "not in 'nothing'"),
        (["map", "-", "--max-characters", "10"], b"Some words of English text.", 1, "at most 10 characters"),
        (["map", "-", "--format", "nothing"], b"Some words of English text.", 2, "expected one of"),
        (["map"], b"", 2, "Missing argument"),
        (["map", "-", "--nothing"], b"", 2, "No such option"),
        (["nothing"], b"", 2, "No such command"),
    ],
)
def test_errors_are_one_line_and_an_exit_code(
    arguments: list[str], stdin: bytes, code: int, message: str, tmp_path: Path
) -> None:
    output = tmp_path / "out.json"
    more = ["-o", str(output)] if arguments[0] == "map" else []
    done = call(*arguments, *more, stdin=stdin)
    text = done.stderr.decode()
    assert done.returncode == code, text
    assert message in text
    assert "Traceback" not in text
    assert done.stdout == b""
    assert not list(tmp_path.iterdir())


def test_a_failed_write_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    done = call("map", SAMPLE, "-o", tmp_path / "file" / "map.json")
    assert done.returncode == 1 and b"Traceback" not in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_help_does_not_load_the_model() -> None:
    code = "import sys; sys.argv=['oped','--help']\nfrom oped.commands import main\ntry: main()\nexcept SystemExit: pass\nprint(sorted(m for m in sys.modules if m.split('.')[0] in {'spacy','torch','onnxruntime','numpy'}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert done.stdout.decode().strip().endswith("[]")
