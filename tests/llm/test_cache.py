"""Answers are kept the moment they arrive, so that nothing is paid for twice, whatever ends the work."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from oped.errors import BudgetError, EndpointError
from oped.llm.address import Key
from oped.llm.cache import AnswerStore, CachedModel, default_folder
from oped.llm.endpoint import EndpointModel, EndpointOptions
from oped.llm.meter import Meter, close_model
from oped.llm.model import LanguageModel, Message, Reply, Request, Sampling
from oped.llm.opening import open_language_model
from oped.llm.patience import Patience
from oped.llm.settings import read_settings
from tests.llm.service import KEY, Play, Service, saying

READ_ALL = """
import sys
from concurrent.futures import ThreadPoolExecutor
from oped.llm.model import Message, Request, Sampling
from oped.llm.opening import open_language_model
from oped.llm.settings import read_settings

endpoint, cache, target, number = sys.argv[1:]
settings = read_settings("llm:m", options={"endpoint": endpoint, "cache": cache, "concurrency": 4})
model = open_language_model(settings)
asked = [Request((Message("user", f"article {place}"),), Sampling(number=place % 3)) for place in range(int(number))]
with ThreadPoolExecutor(4) as pool:
    texts = list(pool.map(lambda request: model.complete(request).text, asked))
open(target, "w").write("\\n".join(texts))
"""


def ask(text: str = "An article.", **sampling: object) -> Request:
    return Request((Message("user", text),), Sampling(**sampling))  # type: ignore[arg-type]


def cached(service: Service, folder: Path, name: str = "m") -> CachedModel:
    options = EndpointOptions(patience=Patience(retries=0), timeout=5)
    return CachedModel(EndpointModel(name, service.endpoint, options=options, key=Key(KEY)), AnswerStore(folder))


def test_the_same_request_is_sent_once(tmp_path: Path) -> None:
    with Service() as service:
        first = cached(service, tmp_path).complete(ask())
        again = cached(service, tmp_path).complete(ask())
    assert len(service.requests) == 1
    assert (first.cached, again.cached) == (False, True)
    assert (first.text, first.prompt_tokens, first.completion_tokens) == (
        again.text,
        again.prompt_tokens,
        again.completion_tokens,
    )


def test_another_model_text_or_parameter_is_another_request(tmp_path: Path) -> None:
    with Service() as service:
        for request in (ask(), ask("Another."), ask(number=1), ask(temperature=0.5), ask(max_tokens=7)):
            cached(service, tmp_path).complete(request)
        cached(service, tmp_path, "other").complete(ask())
    assert len(service.requests) == 6


def test_all_of_an_answer_is_kept(tmp_path: Path) -> None:
    store = AnswerStore(tmp_path)
    reply = Reply(
        text="naïve “…” \ud800",
        prompt_tokens=3,
        completion_tokens=4,
        truncated=True,
        logprobs=(("a", -0.5), ("b", 0.0)),
    )
    store.put("ab" * 32, reply)
    kept = store.get("ab" * 32)
    assert kept is not None and kept.text == "naïve “…” ?"
    assert (kept.prompt_tokens, kept.completion_tokens, kept.truncated, kept.logprobs) == (3, 4, True, reply.logprobs)


@pytest.mark.parametrize("torn", [b"", b"{", b"[]", b"null", b'{"key": "other", "text": ""}', b"\xff", b'{"key": 7}'])
def test_a_torn_answer_is_no_answer_and_is_replaced(tmp_path: Path, torn: bytes) -> None:
    with Service() as service:
        model = cached(service, tmp_path)
        model.complete(ask())
        path = model.store.path(ask().key("m"))
        path.write_bytes(torn)
        assert not model.complete(ask()).cached
        assert model.complete(ask()).cached
    assert len(service.requests) == 2


def test_threads_that_ask_the_same_at_once_share_one_answer(tmp_path: Path) -> None:
    with Service(answer=lambda body: time.sleep(0.2) or "slow") as service, ThreadPoolExecutor(8) as pool:
        model = cached(service, tmp_path)
        assert set(pool.map(lambda _: model.complete(ask()).text, range(8))) == {"slow"}
    assert len(service.requests) == 1


def test_an_error_reaches_all_that_wait_and_is_not_kept(tmp_path: Path) -> None:
    with Service(saying(400, "no", waits=0.2)) as service:
        model = cached(service, tmp_path)
        errors = []

        def run() -> None:
            try:
                model.complete(ask())
            except EndpointError as error:
                errors.append(error)

        threads = [threading.Thread(target=run) for _ in range(3)]
        [thread.start() for thread in threads]
        [thread.join() for thread in threads]
        assert len(errors) == 3 and len(service.requests) == 1
        assert model.complete(ask()).text.startswith("m read")


def test_an_answer_that_can_not_be_stored_is_told_and_nothing_more_is_bought(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where a folder should be")
    with Service() as service, pytest.raises(EndpointError, match="can't be stored"):
        cached(service, tmp_path / "cache").complete(ask())


def test_the_key_and_the_article_are_not_in_the_store(tmp_path: Path) -> None:
    with Service(answer=lambda body: "1|P|1|x") as service:
        cached(service, tmp_path).complete(ask("A secret article."))
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) == 1
    assert KEY not in files[0].read_text() and "secret" not in files[0].read_text()
    assert not files[0].stat().st_mode & 0o077


def test_answers_lie_in_the_cache_folder_of_the_user(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert default_folder() == tmp_path / "oped" / "llm"
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    assert default_folder() == Path.home() / ".cache" / "oped" / "llm"


def run_reader(service: Service, folder: Path, number: int) -> subprocess.Popen[bytes]:
    arguments = [service.endpoint, str(folder / "cache"), str(folder / "out.txt"), str(number)]
    return subprocess.Popen([sys.executable, "-c", READ_ALL, *arguments], env={**os.environ, "OPED_LLM_API_KEY": KEY})


def stored(folder: Path) -> list[Path]:
    return list(folder.rglob("*.json"))


def test_a_killed_run_goes_on_without_paying_twice(tmp_path: Path) -> None:
    number, before = 120, dict[str, int]()
    with Service(answer=lambda body: time.sleep(0.02) or f"read {body['messages'][0]['content']}") as service:

        def asked() -> Counter[str]:
            return Counter(body["messages"][0]["content"] for body in service.requests)

        for kill in range(3):
            process = run_reader(service, tmp_path, number)
            enough = (kill + 1) * 25
            while len(service.requests) < enough:
                assert process.poll() is None
                time.sleep(0.005)
            process.send_signal(signal.SIGKILL)
            process.wait()
            time.sleep(0.1)  # what was on its way has reached the service
            assert all(asked()[text] == times for text, times in before.items())
            paid = {json.loads(path.read_bytes())["text"].removeprefix("read ") for path in stored(tmp_path / "cache")}
            before = {text: asked()[text] for text in paid}
        assert not (tmp_path / "out.txt").exists()
        assert run_reader(service, tmp_path, number).wait() == 0
        assert all(asked()[text] == times for text, times in before.items())
    expected = "\n".join(f"read article {place}" for place in range(number))
    assert (tmp_path / "out.txt").read_text() == expected
    # At each kill four requests at most were on their way; what had arrived is never asked for again.
    assert len(stored(tmp_path / "cache")) == number
    assert number <= len(service.requests) <= number + 3 * 4
    assert not [
        path for path in (tmp_path / "cache").rglob("*") if path.is_file() and KEY in path.read_text(errors="replace")
    ]


def test_several_processes_may_use_one_store(tmp_path: Path) -> None:
    with Service() as service:
        processes = [run_reader(service, tmp_path, 40) for _ in range(2)]
        assert [process.wait() for process in processes] == [0, 0]
        asked = len(service.requests)
        assert run_reader(service, tmp_path, 40).wait() == 0
    assert 40 <= asked == len(service.requests) <= 80


# The meter


def opened(
    service: Service, folder: Path, meter: Meter | None = None, **options: object
) -> tuple[LanguageModel, Meter]:
    given = {"endpoint": service.endpoint, "cache": str(folder), **options}
    settings = read_settings("llm:m", options=given)
    meter = meter or Meter(settings.prices, settings.max_tokens_total)
    return open_language_model(settings, meter=meter, key=Key(KEY)), meter


def test_requests_tokens_price_and_time_are_counted(tmp_path: Path) -> None:
    with Service() as service:
        model, meter = opened(service, tmp_path, prices={"prompt": 1.0, "completion": 10.0})
        for text in ("a", "b", "a"):
            model.complete(ask(text))
    totals = meter.totals()
    assert (totals.requests, totals.cached, totals.failed) == (2, 1, 0)
    assert (totals.prompt_tokens, totals.completion_tokens, totals.tokens) == (200, 40, 240)
    assert totals.price == pytest.approx(0.0006)
    assert totals.to_dict().keys() == {
        "requests",
        "cached",
        "failed",
        "prompt_tokens",
        "completion_tokens",
        "price",
        "seconds",
    }


def test_a_request_without_answer_is_counted_as_failed(tmp_path: Path) -> None:
    with Service(saying(400, "no")) as service:
        model, meter = opened(service, tmp_path)
        with pytest.raises(EndpointError):
            model.complete(ask())
    assert (meter.totals().requests, meter.totals().failed) == (0, 1)


def test_tokens_that_a_service_does_not_count_are_estimated(tmp_path: Path) -> None:
    data = b'{"choices": [{"message": {"content": "eight letters twice"}}]}'
    with Service(Play(data=data)) as service:
        model, meter = opened(service, tmp_path)
        model.complete(ask("a" * 400))
    assert meter.totals().prompt_tokens == 104 and meter.totals().completion_tokens == 5


def test_nothing_is_sent_past_the_bound_and_a_further_run_goes_on(tmp_path: Path) -> None:
    texts = [f"article {number}" for number in range(30)]
    with Service() as service:
        done = 0
        for _ in range(2):
            model, meter = opened(service, tmp_path, max_tokens_total=2000)
            with ThreadPoolExecutor(4) as pool:
                futures = [pool.submit(model.complete, ask(text)) for text in texts]
            refused = [future for future in futures if isinstance(future.exception(), BudgetError)]
            assert refused and len(refused) < len(texts) - done
            assert meter.totals().tokens <= 2000 + 4 * 120, "past the bound by no more than what was on its way"
            done = len(texts) - len(refused)
            assert len(service.requests) == done
    assert "bound of 2,000 tokens" in str(refused[0].exception())


def test_after_the_bound_stored_answers_are_still_given(tmp_path: Path) -> None:
    with Service() as service:
        opened(service, tmp_path)[0].complete(ask("a"))
        model, _ = opened(service, tmp_path, max_tokens_total=10)
        with pytest.raises(BudgetError):
            model.complete(ask("b"))
        assert model.complete(ask("a")).cached
    assert len(service.requests) == 1


def test_an_opened_model_can_be_ended(tmp_path: Path) -> None:
    with Service() as service:
        model = open_language_model(
            read_settings("llm:m", options={"endpoint": service.endpoint, "cache": str(tmp_path)})
        )
        close_model(model)
        with pytest.raises(EndpointError, match="was ended"):
            model.complete(ask())
    assert not service.requests
