"""The loop, on a network of two weights that learns a line."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from filelock import FileLock  # noqa: E402
from torch import Tensor, nn  # noqa: E402

from oped.errors import ConfigError, OpedError  # noqa: E402
from oped.training.batches import by_length, repeated  # noqa: E402
from oped.training.checkpoint import BEST, METRICS  # noqa: E402
from oped.training.loop import Progress, seed, train_task  # noqa: E402
from oped.training.settings import ItemSchedule, RunSettings  # noqa: E402
from oped.training.task import Compute, Scores, Task, Trained  # noqa: E402

POINTS = [(x / 4, 2 * x / 4 + 1) for x in range(8)]
Point = tuple[float, float]


class LineSettings(RunSettings):
    task: str = "line"
    schedule: ItemSchedule = ItemSchedule(epochs=3, batch_size=2, rate=0.05)


class Line(Task[nn.Sequential, Point]):
    def __init__(self, settings: LineSettings, points: Sequence[Point] = POINTS) -> None:
        seed(settings.seed)
        self.settings: LineSettings = settings
        self.points = points
        self.network = nn.Sequential(nn.Dropout(0.2), nn.Linear(1, 1))  # dropout shows whether random states come back

    def data(self) -> Iterable[object]:
        return self.points

    def batches(self, epoch: int) -> Sequence[Sequence[Point]]:
        size = self.settings.schedule.batch_size
        return [self.points[start : start + size] for start in range(0, len(self.points), size)]

    def parameters(self, network: nn.Sequential) -> list[dict[str, Any]]:
        return [{"params": list(network.parameters()), "lr": self.settings.schedule.rate}]

    def loss(
        self, network: nn.Sequential, batch: Sequence[Point], compute: Compute
    ) -> tuple[Tensor, Mapping[str, float]]:
        inputs, wanted = (torch.tensor([[point[side]] for point in batch]) for side in (0, 1))
        return (network(inputs) - wanted).square().mean(), {}

    def judge(self, network: nn.Sequential, compute: Compute) -> Scores:
        return {"line": {"slope": network[1].weight.item()}}

    def export(self, run: Trained[nn.Sequential], folder: Path) -> None:
        raise AssertionError("the loop exports nothing")


def line(name: str = "line", seed: int = 1, **schedule: Any) -> Line:
    settings = LineSettings(name=name, seed=seed)
    return Line(settings.model_copy(update={"schedule": settings.schedule.model_copy(update=schedule)}))


def weights(run: Trained[nn.Sequential]) -> dict[str, Tensor]:
    return run.network.state_dict()


def same(one: Trained[nn.Sequential], other: Trained[nn.Sequential]) -> bool:
    return all(value.equal(weights(other)[name]) for name, value in weights(one).items())


def stop_in(epoch: int) -> Any:
    def report(progress: Progress) -> None:
        if progress.epoch == epoch:
            raise KeyboardInterrupt

    return report


def test_a_task_is_learned_and_each_epoch_written_down(tmp_path: Path) -> None:
    run = train_task(line(epochs=60), tmp_path)
    assert run.state.history[-1]["train"]["loss"] < 0.3 * run.state.history[0]["train"]["loss"]
    assert len((tmp_path / METRICS).read_text(encoding="utf-8").splitlines()) == 60
    assert run.state.best_scores == run.state.history[-1]["dev"] and not run.network.training


def test_a_run_that_stops_goes_on_and_ends_where_an_undisturbed_one_does(tmp_path: Path) -> None:
    whole = train_task(line(), tmp_path / "whole")
    with pytest.raises(KeyboardInterrupt):
        train_task(line(), tmp_path / "halted", stop_in(3))
    steps: list[Progress] = []
    assert same(whole, train_task(line(), tmp_path / "halted", steps.append))
    assert [step.epoch for step in steps] == [3] * 4 and steps[-1].step == steps[-1].steps == 12


def test_a_run_that_is_done_is_read_again(tmp_path: Path) -> None:
    first = train_task(line(), tmp_path)
    assert same(first, train_task(line(), tmp_path, stop_in(1)))


def test_the_same_seed_gives_the_same_network_and_another_does_not(tmp_path: Path) -> None:
    one, again, other = (
        train_task(line(seed=number), tmp_path / name) for name, number in (("a", 1), ("b", 1), ("c", 2))
    )
    assert same(one, again) and not same(one, other)


def test_a_folder_of_another_run_is_refused(tmp_path: Path) -> None:
    train_task(line(), tmp_path)
    with pytest.raises(ConfigError, match="another configuration; name another folder with -o"):
        train_task(line(seed=9), tmp_path)
    task = line()
    task.points = POINTS[1:]
    with pytest.raises(ConfigError, match="other documents or weights"):
        train_task(task, tmp_path)


def test_a_folder_in_which_another_process_trains_is_refused(tmp_path: Path) -> None:
    with FileLock(tmp_path / "lock"), pytest.raises(OpedError, match="another run trains here"):
        train_task(line(), tmp_path)
    train_task(line(), tmp_path)


def test_a_start_that_failed_does_not_block_its_folder(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        train_task(line(seed=9), tmp_path, stop_in(1))
    train_task(line(), tmp_path)


def test_the_best_epoch_is_kept_and_of_equal_ones_the_last(tmp_path: Path) -> None:
    class Falling(Line):
        def value(self, scores: Scores, epoch: int) -> float:
            return float(min(3 - epoch, 1))  # 1, 1, 0

    run = train_task(Falling(LineSettings(name="line")), tmp_path)
    assert (run.state.epoch, run.state.best_epoch) == (3, 2)
    assert float(weights(run)["1.weight"]) == pytest.approx(run.state.history[1]["dev"]["line"]["slope"], abs=1e-4)


def test_gradients_are_added_up_over_batches(tmp_path: Path) -> None:
    steps: list[Progress] = []
    train_task(line(epochs=1, accumulate=3), tmp_path, steps.append)
    assert len(steps) == 2  # of four batches


def test_a_run_stops_when_its_time_is_over_and_can_go_on(tmp_path: Path) -> None:
    short = line(minutes=1e-9)
    assert train_task(short, tmp_path).state.epoch == 1
    assert train_task(short, tmp_path).state.epoch == 2


def test_nothing_is_trained_in_no_epochs(tmp_path: Path) -> None:
    task = line(epochs=0)
    before = {name: value.clone() for name, value in task.network.state_dict().items()}
    run = train_task(task, tmp_path)
    assert all(value.equal(before[name]) for name, value in weights(run).items()) and not run.state.best_scores
    assert not (tmp_path / BEST).exists()


def test_stages_are_trained_first_and_handed_on(tmp_path: Path) -> None:
    class Staged(Line):
        def stages(self) -> Iterator[tuple[str, Task[Any, Any]]]:
            first = line("first")
            yield "first", first
            self.network = first.network

    halted, folder = tmp_path / "halted", tmp_path / "whole"
    settings = LineSettings(name="line", schedule=ItemSchedule(epochs=1, rate=0.0))
    run = train_task(Staged(settings), folder)
    assert same(run, train_task(line("first"), folder / "first", stop_in(1)))
    with pytest.raises(KeyboardInterrupt):
        train_task(Staged(settings), halted, stop_in(2))
    assert same(run, train_task(Staged(settings), halted))


def test_items_are_repeated_and_sorted_into_batches() -> None:
    import random

    generator = random.Random(1)
    assert sorted(repeated([1, 2, 3, 4], 1.5, generator))[:2] in ([1, 1], [1, 2])
    assert len(repeated([1, 2, 3, 4], 1.5, generator)) == 6 and repeated([1, 2], 0.0, generator) == []
    words = [letter * length for letter in "ab" for length in range(1, 9)]
    batches = by_length(words, 4, len, generator)
    assert sorted(word for batch in batches for word in batch) == sorted(words)
    assert all(max(map(len, batch)) - min(map(len, batch)) <= 1 for batch in batches)
