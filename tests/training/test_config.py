from pathlib import Path

import pytest

from oped.errors import ConfigError
from oped.training.config import load_config

GOOD = 'name = "x"\n\n[schedule]\nepochs = 3\n\n[[corpus]]\npath = "a"\nformat = "oped"\n\n[[corpus]]\npath = "b"\nformat = "brat"\nrole = "dev"\n'


def load(tmp_path: Path, text: str, **changes: str) -> object:
    path = tmp_path / "c.toml"
    path.write_text(text, encoding="utf-8")
    return load_config(path, changes)


def test_a_good_configuration(tmp_path: Path) -> None:
    config = load(tmp_path, GOOD)
    assert config.schedule.epochs == 3 and [corpus.role for corpus in config.corpus] == ["train", "dev"]  # type: ignore[attr-defined]


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
    ],
)
def test_a_wrong_one_names_the_line(tmp_path: Path, old: str, new: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        load(tmp_path, GOOD.replace(old, new))


def test_values_can_be_changed_from_outside(tmp_path: Path) -> None:
    config = load(tmp_path, GOOD, **{"schedule.epochs": "7", "name": "y"})
    assert (config.schedule.epochs, config.name) == (7, "y")  # type: ignore[attr-defined]


def test_a_wrong_value_from_outside_is_not_blamed_on_the_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"^--set schedule.epochs: expected at least 1, found 0"):
        load(tmp_path, GOOD, **{"schedule.epochs": "0"})


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="expected a training configuration"):
        load_config(tmp_path / "none.toml")
