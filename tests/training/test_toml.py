from pathlib import Path

import pytest

from oped.errors import ConfigError
from oped.neural.parser.settings import ParserSettings
from oped.neural.tasks import TASKS, read_settings
from oped.training.settings import RunSettings

ROOT = Path(__file__).resolve().parents[2]
CONFIGS = [*(ROOT / "configs").glob("*.toml"), *(ROOT / "docs" / "research" / "configs").glob("*.toml")]
GOOD = 'name = "x"\n\n[schedule]\nepochs = 3\n\n[[corpus]]\npath = "a"\nformat = "oped"\n\n[[corpus]]\npath = "b"\nformat = "brat"\nrole = "dev"\n'


def load(tmp_path: Path, text: str, **changes: str) -> RunSettings:
    path = tmp_path / "c.toml"
    path.write_text(text, encoding="utf-8")
    return read_settings(path, changes)


def test_a_good_configuration(tmp_path: Path) -> None:
    config = load(tmp_path, GOOD)
    assert isinstance(config, ParserSettings) and config.schedule.epochs == 3
    assert [corpus.role for corpus in config.corpus] == ["train", "dev"]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("epochs = 3", "epoch = 3", r"line 4: schedule.epoch: unknown key; expected one of epochs"),
        ("epochs = 3", 'epochs = "3"', r"line 4: schedule.epochs: expected a value of type int, found '3'"),
        ('role = "dev"', 'role = "test"', r"line 13: corpus.role: expected one of train, dev, both, found 'test'"),
        ('name = "x"\n', "\n", r"name: is required and missing"),
        ('path = "b"\n', "", r"corpus.path: is required and missing"),
        ("[schedule]", "[schedules]", r"line 3: schedules: unknown key"),
        ("epochs = 3", "epochs = = 3", r"malformed TOML.*line 4"),
        ("epochs = 3", "epochs = 0", r"line 4: schedule.epochs: expected at least 1, found 0"),
        ("epochs = 3", "accumulate = 0", r"line 4: schedule.accumulate: expected at least 1, found 0"),
        ("epochs = 3", "masking = 2", r"line 4: schedule.masking: expected 0.0 to 0.9, found 2.0"),
        ("epochs = 3", "masking = nan", r"line 4: schedule.masking: expected 0.0 to 0.9, found nan"),
        ("[schedule]\nepochs = 3", "[network]\ndropout = 1.5", r"line 4: network.dropout: expected 0.0 to 0.9"),
        ("[schedule]\nepochs = 3", "[network]\nwindow = 20", r"line 4: network.window: expected at least 64"),
        ("[schedule]\nepochs = 3", "[network]\noverlap = 200", r"line 4: network.overlap: expected at most half"),
        (
            "[schedule]\nepochs = 3",
            "[network]\ndocument_heads = 3",
            r"line 4: .*expected a divisor of .* = 256, found 3",
        ),
        ('role = "dev"', "repeat = -1", r"line 13: corpus.repeat: expected at least 0.0, found -1.0"),
        ('role = "dev"', 'scheme = "a/b"', r"line 13: corpus.scheme: expected letters, digits, - and _, found 'a/b'"),
        ('name = "x"', 'name = "a b"', r"line 1: name: expected letters, digits, - and _, found 'a b'"),
        ('name = "x"', 'name = "x"\nadapters = {rank = 0}', r"line 2: adapters.rank: expected at least 1, found 0"),
        ('name = "x"', 'name = "x"\nadapters = 3', r"line 2: adapters: expected a table, found 3"),
        ("epochs = 3", "only_heads = 1", r"line 4: schedule.only_heads: expected a list, found 1"),
        ("epochs = 3", "only_heads = [1]", r"line 4: schedule.only_heads: expected a value of type str, found 1"),
        ('name = "x"', 'name = "x"\ntask = "tagger"', r"line 2: task: expected one of parser, matcher, .*'tagger'"),
    ],
)
def test_a_wrong_one_names_the_line(tmp_path: Path, old: str, new: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        load(tmp_path, GOOD.replace(old, new))


def test_values_can_be_changed_from_outside(tmp_path: Path) -> None:
    config = load(tmp_path, GOOD, **{"schedule.epochs": "7", "name": "y"})
    assert (config.schedule.epochs, config.name) == (7, "y")


def test_a_wrong_value_from_outside_is_not_blamed_on_the_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"^--set schedule.epochs: expected at least 1, found 0"):
        load(tmp_path, GOOD, **{"schedule.epochs": "0"})


def test_the_task_of_a_parser_can_be_named(tmp_path: Path) -> None:
    assert load(tmp_path, f'task = "parser"\n{GOOD}') == load(tmp_path, GOOD)


def test_a_wrong_value_in_a_table_from_outside_is_not_blamed_on_the_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"^--set adapters.rank: expected at least 1, found 0"):
        load(tmp_path, GOOD, adapters="{rank = 0}")


def test_what_made_a_part_depends_on_every_setting(tmp_path: Path) -> None:
    one, same, other = load(tmp_path, GOOD), load(tmp_path, GOOD), load(tmp_path, GOOD, seed="2")
    assert one.made_by == same.made_by != other.made_by and one.made_by.startswith("x ")


@pytest.mark.parametrize("path", sorted(CONFIGS), ids=lambda path: path.name)
def test_configurations_of_this_project_are_valid(path: Path) -> None:
    assert read_settings(path).task in TASKS


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="expected a training configuration"):
        read_settings(tmp_path / "none.toml")
