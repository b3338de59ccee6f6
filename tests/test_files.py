import os
from pathlib import Path

import pytest

from oped.errors import OutputError
from oped.files import Numbered, refuse_input, write_beside


def test_a_run_that_fails_leaves_its_target_as_it_was(tmp_path: Path) -> None:
    target = tmp_path / "a.json"
    target.write_text("old")
    with pytest.raises(ValueError, match="midway"), write_beside(target) as path:
        path.write_text("half")
        raise ValueError("midway")
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_target_keeps_its_mode_and_its_link(tmp_path: Path) -> None:
    real, link = tmp_path / "real.json", tmp_path / "link.json"
    real.write_text("old")
    real.chmod(0o600)
    link.symlink_to(real)
    with write_beside(link) as path:
        path.write_text("new")
    assert link.is_symlink()
    assert (real.read_text(), real.stat().st_mode & 0o777) == ("new", 0o600)


def test_files_of_a_folder_join_those_that_are_there(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "old.txt").write_text("old")
    with write_beside(tmp_path / "out") as path:
        (path / "deep").mkdir(parents=True)
        (path / "deep" / "new.txt").write_text("new")
    assert {file.name for file in (tmp_path / "out").rglob("*.txt")} == {"old.txt", "new.txt"}


@pytest.mark.parametrize("other", ["a.json", "./a.json", "in/../a.json", "hard.json", "soft.json"])
def test_an_output_is_no_input_under_any_name(tmp_path: Path, other: str) -> None:
    source = tmp_path / "a.json"
    source.write_text("old")
    (tmp_path / "in").mkdir()
    os.link(source, tmp_path / "hard.json")
    (tmp_path / "soft.json").symlink_to(source)
    with pytest.raises(OutputError, match="apart from the input"), write_beside(tmp_path / other, inputs=[source]):
        raise AssertionError("it was refused too late")
    assert source.read_text() == "old"


def test_a_file_of_an_input_folder_is_not_written_over(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_text("old")
    with pytest.raises(OutputError, match="apart from the input"):
        refuse_input(tmp_path / "in" / "a.txt", [tmp_path / "in"])
    with (
        pytest.raises(OutputError, match="apart from the input"),
        write_beside(tmp_path / "in", inputs=[tmp_path / "in"]),
    ):
        raise AssertionError("it was refused too late")
    refuse_input(tmp_path / "in" / "new.txt", [tmp_path / "in"])


def test_the_text_beside_an_annotation_is_an_input_too(tmp_path: Path) -> None:
    for name in ("a.ann", "a.txt"):
        (tmp_path / name).write_text("old")
    with pytest.raises(OutputError, match="apart from the input"):
        refuse_input(tmp_path / "a.txt", [tmp_path / "a.ann"])


def test_a_type_system_that_is_there_is_not_written_over(tmp_path: Path) -> None:
    (tmp_path / "TypeSystem.xml").write_text("mine")
    with pytest.raises(OutputError, match="another is there"), write_beside(tmp_path / "a.xmi") as path:
        path.write_text("new")
        path.with_name("TypeSystem.xml").write_text("theirs")
    assert (tmp_path / "TypeSystem.xml").read_text() == "mine"
    assert not (tmp_path / "a.xmi").exists()


def test_settings_of_a_tool_stay_as_they_are(tmp_path: Path) -> None:
    (tmp_path / "config.xml").write_text("mine")
    with write_beside(tmp_path / "tasks.json") as path:
        path.write_text("new")
        path.with_name("config.xml").write_text("theirs")
    assert (tmp_path / "config.xml").read_text() == "mine"
    assert (tmp_path / "tasks.json").read_text() == "new"


@pytest.mark.parametrize("target", ["/", "."])
def test_a_folder_is_no_file(tmp_path: Path, target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(OutputError, match="expected"), write_beside(Path(target)) as path:
        path.write_text("new")
    assert not list(tmp_path.iterdir())


def test_a_device_takes_the_bytes_and_stays_a_device() -> None:
    with write_beside(Path("/dev/null")) as path:
        path.write_text("new")
    assert Path("/dev/null").is_char_device()


def test_a_link_to_itself_is_refused(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    with pytest.raises(OutputError, match="leads nowhere"), write_beside(tmp_path / "loop"):
        raise AssertionError("it was refused too late")


def test_names_are_given_once() -> None:
    names, files = Numbered(), Numbered(of_files=True)
    assert [names(name) for name in ("a", "a", "A", "a~2", "a")] == ["a", "a~2", "A", "a~2~2", "a~3"]
    assert [files(name) for name in ("a", "A")] == ["a", "A~2"]
