"""The examples of README and docs do what they say: commands and Python run as written, in a small copy of the checkout.

A block whose first line is `# needs: …` runs only where all that it needs are extras of the package which are installed here.
Of the others the names of commands and options are checked.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from oped.commands import COMMANDS, cli
from oped.formats.schemes import load_scheme
from tests.conftest import ROOT
from tests.docs.pages import Example, examples, name_of, pages, prose

LANGUAGES = {"sh", "python", "toml", "json", "sql", "text"}
KEPT = {
    "amrani-pesticides", "marsh-pension-age",
    "castellane-basic-income-2", "ferrante-basic-income", "delacourt-ai-licence",
}  # fmt: skip
EXTRAS = {"train": "torch", "compare": "faiss", "serve": "fastapi", "formats": "datasets", "metrics": "sklearn"}
OUTSIDE = {"batch"}  # it starts processes of its own
QUICK = {"train": ["--set", "schedule.epochs=1"]}
PAGES = {name_of(page): page for page in pages()}
ALLOWED = {""}


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory, tiny_encoder: Path) -> Path:
    """A copy of the checkout in which corpora have a few articles, and the samples' configuration a tiny encoder.

    All pages share it, so that a command which several of them have runs once.
    """
    folder = tmp_path_factory.mktemp("checkout")
    for name in ("benchmarks", "configs", "models"):
        (folder / name).symlink_to(ROOT / name)
    shutil.copytree(ROOT / "samples", folder / "samples")
    config = folder / "samples" / "my_tagger.toml"
    text = config.read_text(encoding="utf-8")
    config.write_text(text.replace('"en_opinion_sm"', json.dumps(str(tiny_encoder))), encoding="utf-8")
    for path in (ROOT / "corpora").rglob("*.jsonl"):
        place = folder / path.relative_to(ROOT)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text("".join(_kept(path)), encoding="utf-8")
    (folder / "bin").mkdir()
    _script(folder / "bin" / "oped", f'exec {sys.executable} -m oped "$@"')
    _script(folder / "bin" / "python", f'exec {sys.executable} "$@"')
    (folder / "posts.csv").write_text("body,writer\nThe quay must be closed. It may fail.,Ann Lee\n", encoding="utf-8")
    return folder


def _kept(path: Path) -> Iterator[str]:
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            articles = {row[side]["article"] for side in ("a", "b") if isinstance(row.get(side), dict)} or {
                row.get("id")
            }
            if articles <= KEPT:
                yield line


def _script(path: Path, command: str) -> None:
    path.write_text(f"#!/bin/sh\n{command}\n", encoding="utf-8")
    path.chmod(0o755)


def _runs(block: Example) -> bool:
    extras = re.fullmatch(r"pip install '\.\[([\w,]+)\]'", block.needs)
    if extras:
        return all(find_spec(EXTRAS.get(extra, f"no_{extra}")) is not None for extra in extras[1].split(","))
    return not block.needs


def _pages_with(language: str) -> list[str]:
    return [name for name, page in PAGES.items() if any(_runs(block) for block in examples(page, language))]


@pytest.mark.parametrize("name", PAGES)
def test_every_block_says_what_it_is(name: str) -> None:
    assert {block.language for block in examples(PAGES[name])} <= LANGUAGES


@pytest.mark.parametrize("name", _pages_with("sh"))
def test_the_commands_of_a_page_run_as_written(
    name: str, checkout: Path, done: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(checkout)
    wanted = [command for block in examples(PAGES[name], "sh") if _runs(block) for command in block.commands]
    for command in wanted:
        line = shlex.join(shlex.split(command, comments=True))
        if line not in done:
            code, output = _run(command, checkout)
            assert code == 0, f"{command}\n{output}"
            done.add(line)
    for command in wanted:
        if (made := re.search(r" -o (\S+)", command)) and "--dry-run" not in command:
            assert (checkout / made[1]).exists(), command


@pytest.fixture(scope="module")
def done() -> set[str]:
    """The commands that ran."""
    return set()


def _run(command: str, folder: Path) -> tuple[int, str]:
    """Exit code and output of a line; a simple command of oped runs in this process, which spares its start."""
    words = shlex.split(command, comments=True)
    extra = QUICK.get(words[1], []) if words[0] == "oped" else []
    if words[0] == "oped" and words[1] not in OUTSIDE and not set("<>|") & set(command):
        done = CliRunner().invoke(cli, [*words[1:], *extra])
        return done.exit_code, f"{done.output}{done.exception or ''}"
    path = f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}"
    environment = os.environ | {"PATH": path, "PYTHONPATH": str(ROOT / "pipeline")}
    line = shlex.join([*words, *extra]) if extra else command
    ran = subprocess.run(["sh", "-c", line], cwd=folder, env=environment, capture_output=True, text=True, check=False)
    return ran.returncode, ran.stdout + ran.stderr


@pytest.mark.parametrize("name", _pages_with("python"))
def test_the_python_of_a_page_runs_as_written(
    name: str, checkout: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(checkout)
    for block in examples(PAGES[name], "python"):
        if _runs(block):
            exec(compile(block.text, name, "exec"), {})
    capsys.readouterr()


@pytest.mark.parametrize("name", [name for name, page in PAGES.items() if examples(page, "toml")])
def test_the_settings_of_a_page_are_valid(name: str, tmp_path: Path) -> None:
    for block in examples(PAGES[name], "toml"):
        data = tomllib.loads(block.text)
        path = tmp_path / "settings.toml"
        path.write_text(block.text, encoding="utf-8")
        if "llm" in data:
            pytest.importorskip("oped.llm.settings").read_settings(str(path))
        elif "components" in data:
            load_scheme(path)
        else:
            assert block.text == (ROOT / "samples" / "my_tagger.toml").read_text(encoding="utf-8")


def test_the_annotation_on_the_page_on_training_is_one_of_the_samples() -> None:
    (block,) = examples(PAGES["docs/training.md"], "json")
    shown = json.loads(block.text)
    sample = json.loads((ROOT / "samples" / "annotations.jsonl").read_text(encoding="utf-8").splitlines()[0])
    assert shown["id"] == sample["id"] and sample["text"].startswith(shown["text"])
    assert shown["components"] == sample["components"][:2] and shown["relations"] == sample["relations"][:1]


def test_the_tree_in_the_readme_is_what_the_program_prints() -> None:
    (block,) = examples(PAGES["README.md"], "text")
    shown, end = block.text.rstrip().rsplit("\n", 1)
    done = CliRunner().invoke(cli, ["map", str(ROOT / "samples" / "port-levy.md"), "--format", "tree"])
    printed = "\n".join(line.rstrip() for line in done.stdout.splitlines())
    assert end == "…" and f"\n{shown}\n" in f"\n{printed}\n", printed


@pytest.mark.parametrize("name", PAGES)
def test_commands_and_options_exist(name: str) -> None:
    page = PAGES[name]
    lines = [line for block in examples(page, "sh") for line in block.commands]
    lines += [code for code in re.findall(r"`([^`\n]+)`", prose(page)) if not code.endswith("=")]
    if name == "docs/commands.md":
        lines = []
    wrong = [line for line in lines if _complaint(line) not in ALLOWED]
    assert not wrong


def _complaint(line: str) -> str:
    """The command or option that the program does not know; empty where it knows all."""
    words = line.replace("…", " ").partition(" #")[0].split()
    if not words or words[0] != "oped" or len(words) < 2 or not re.fullmatch(r"[a-z]+", words[1]):
        return ""
    if words[1] not in COMMANDS:
        return words[1]
    context = click.Context(cli)
    command = cli.get_command(context, words[1])
    if isinstance(command, click.Group) and len(words) > 2:
        command = command.get_command(context, words[2].strip(","))
    if command is None:
        return " ".join(words[:3])
    known = {option for item in command.params for option in item.opts} | {"--help"}
    return next((word for word in words[2:] if word.startswith("-") and word not in known and len(word) > 1), "")


def test_the_extras_named_exist() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    texts = "\n".join(page.read_text(encoding="utf-8") for page in PAGES.values())
    named = {extra for group in re.findall(r"pip install '\.\[([\w,]+)\]'", texts) for extra in group.split(",")}
    assert named <= set(project["optional-dependencies"])


def test_nobody_is_told_to_install_from_an_index() -> None:
    for page in PAGES.values():
        assert not re.search(r"pip install '?oped\b", page.read_text(encoding="utf-8")), name_of(page)
