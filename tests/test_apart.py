import gc
import os
import signal
import time
from collections.abc import Callable

import pytest

from oped.apart import Limits, run_apart
from oped.errors import FormatError, InputError, MissingExtraError, TooCostlyError, TooLongError

Step = Callable[[], None]


def test_what_a_function_returns_comes_back() -> None:
    assert run_apart(lambda step: "x" * 1_000_000, name="a") == "x" * 1_000_000


def hang(step: Step) -> None:
    while True:
        pass


def eat(step: Step) -> None:
    held = []
    while True:
        held.append(bytearray(20 << 20))
        time.sleep(0.01)


def grab(step: Step) -> None:
    bytearray(1 << 40)


def die(step: Step) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (hang, "a: expected an input that is read within bounds, this one took over 1 s"),
        (eat, "a: expected an input that is read within bounds, this one took over 500 MB of memory"),
        (grab, "a: expected an input that is read within bounds, this one took over 500 MB of memory"),
        (die, "a: reading it ended its process (exit code -9)"),
    ],
)
def test_bounds_are_kept(function: Callable[[Step], None], message: str) -> None:
    with pytest.raises(TooCostlyError) as caught:
        run_apart(function, name="a", limits=Limits(seconds=1.0, memory=500 << 20))
    assert str(caught.value) == message


def test_a_wait_without_an_end_is_ended() -> None:
    with pytest.raises(TooCostlyError, match="over 1 s"):
        run_apart(lambda step: time.sleep(1000), name="a", limits=Limits(total_seconds=1.0))


def test_each_step_has_its_own_time() -> None:
    def work(step: Step) -> str:
        for _ in range(4):
            end = time.process_time() + 0.6
            while time.process_time() < end:
                pass
            step()
        return "done"

    assert run_apart(work, name="a", limits=Limits(seconds=1.5)) == "done"


@pytest.mark.parametrize(
    "error",
    [
        TooLongError("a: too long"),
        FormatError("torn", path="a", place="line 3"),
        MissingExtraError("ray", "this"),
        FileNotFoundError(2, "No such file", "a"),
    ],
)
def test_errors_come_back_as_they_are(error: Exception) -> None:
    def fail(step: Step) -> None:
        raise error

    with pytest.raises(type(error)) as caught:
        run_apart(fail, name="a")
    assert str(caught.value) == str(error)


def test_what_nobody_foresaw_is_one_line() -> None:
    def fail(step: Step) -> None:
        raise ZeroDivisionError("a\nb")

    with pytest.raises(InputError, match=r"a: expected an input that can be read, but reading it failed: ZeroDiv.*"):
        run_apart(fail, name="a")


class Waiting:
    """What waits, when it is thrown away, for a thread that only the process that made it has."""

    def __init__(self) -> None:
        self.myself, self.home = self, os.getpid()

    def __del__(self) -> None:
        if os.getpid() != self.home:
            time.sleep(1000)


def test_garbage_of_the_process_that_it_came_from_is_left_alone() -> None:
    def collect(step: Step) -> str:
        gc.collect()
        return "done"

    gc.disable()
    try:
        Waiting()
        assert run_apart(collect, name="a", limits=Limits(total_seconds=20.0)) == "done"
    finally:
        gc.enable()
        gc.collect()
