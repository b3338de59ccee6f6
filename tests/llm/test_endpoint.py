"""Any OpenAI-compatible endpoint answers, whatever it does wrong on the way."""

import json
import logging
import threading
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from oped.errors import ConfigError, EndpointError
from oped.llm.address import Key, check_address
from oped.llm.endpoint import EndpointModel, EndpointOptions
from oped.llm.model import Message, Request, Sampling
from oped.llm.patience import Patience, asked_wait
from tests.llm.service import KEY, Body, Play, Service, completion, saying

QUICK = Patience(retries=2, first=0.01, longest=0.5)
SCHEMA = {"type": "object", "properties": {"lines": {"type": "array"}}}


def ask(text: str = "An article.", number: int = 0, temperature: float = 0.0, schema: Body | None = None) -> Request:
    messages = (Message("system", "Read."), Message("user", text))
    return Request(messages, Sampling(temperature=temperature, max_tokens=50, number=number), schema)


def model_of(service: Service, **options: object) -> EndpointModel:
    settings = EndpointOptions(**{"patience": QUICK, "timeout": 5.0, **options})  # type: ignore[arg-type]
    return EndpointModel("m", service.endpoint, options=settings, key=Key(KEY))


def body(**changes: object) -> bytes:
    return json.dumps({**completion("yes"), **changes}).encode()


def test_an_answer_comes_with_its_tokens_and_whether_it_was_cut() -> None:
    whole, cut = completion("1|M|1|The quay … closed"), completion("1|M", finish="length")
    with Service(Play(data=json.dumps(whole).encode()), Play(data=json.dumps(cut).encode())) as service:
        model = model_of(service)
        first, second = model.complete(ask()), model.complete(ask())
    assert (first.text, first.prompt_tokens, first.completion_tokens) == ("1|M|1|The quay … closed", 100, 20)
    assert (first.truncated, second.truncated) == (False, True)
    assert first.logprobs is None and not first.cached


def test_a_request_carries_messages_parameters_and_key() -> None:
    with Service() as service:
        model_of(service).complete(ask("Naïve “quotes”.", number=3, temperature=0.7, schema=SCHEMA))
    sent = service.requests[0]
    assert [message["content"] for message in sent["messages"]] == ["Read.", "Naïve “quotes”."]
    assert (sent["model"], sent["temperature"], sent["max_tokens"], sent["seed"]) == ("m", 0.7, 50, 3)
    assert sent["response_format"]["json_schema"]["schema"] == SCHEMA
    assert service.headers[0]["Authorization"] == f"Bearer {KEY}"


def test_probabilities_are_asked_for_and_read() -> None:
    given = {"content": [{"token": "1", "logprob": -0.5}, {"token": "|", "logprob": -0.25}]}
    with Service(Play(data=json.dumps(completion("1|", logprobs=given)).encode())) as service:
        reply = model_of(service, logprobs=True).complete(ask())
    assert service.requests[0]["logprobs"] is True
    assert reply.logprobs == (("1", -0.5), ("|", -0.25))


@pytest.mark.parametrize(
    "value", [{"content": "x"}, {"content": [{"token": 1}]}, {"content": [{"token": "a", "logprob": 1}]}]
)
def test_probabilities_that_are_none_are_left_out(value: object) -> None:
    with Service(Play(data=json.dumps(completion("x", logprobs=value)).encode())) as service:
        assert model_of(service).complete(ask()).logprobs is None


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504, 529])
def test_a_busy_service_is_asked_again(status: int) -> None:
    with Service(saying(status, "busy"), saying(status, "busy")) as service:
        assert model_of(service).complete(ask()).text.startswith("m read")
    assert len(service.requests) == 3


def test_a_service_that_stays_busy_is_given_up_in_one_line() -> None:
    with Service(*[saying(503, "busy\nvery busy")] * 3) as service, pytest.raises(EndpointError) as caught:
        model_of(service).complete(ask())
    assert (
        str(caught.value) == f"{service.endpoint[:-3]}: expected an answer, found status 503: busy very busy (3 tries)"
    )


def test_a_service_that_asks_for_patience_gets_it_from_all_threads() -> None:
    with Service(saying(429, "slow down", headers={"Retry-After": "0.4"})) as service:
        model = model_of(service, concurrency=1)
        began = time.monotonic()
        with ThreadPoolExecutor(3) as pool:
            list(pool.map(lambda number: model.complete(ask(str(number))), range(3)))
    assert time.monotonic() - began >= 0.4
    assert len(service.requests) == 4


def test_no_wait_is_longer_than_the_longest() -> None:
    with Service(saying(429, "tomorrow", headers={"Retry-After": "86400"})) as service:
        began = time.monotonic()
        model_of(service).complete(ask())
    assert 0.4 < time.monotonic() - began < 3


def test_retry_after_is_read_as_seconds_and_as_a_date() -> None:
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)
    past = format_datetime(datetime.now(UTC) - timedelta(seconds=60), usegmt=True)
    assert asked_wait({"Retry-After": "7"}) == 7
    assert 55 < (asked_wait({"Retry-After": soon}) or 0) < 61
    assert asked_wait({"Retry-After": past}) == asked_wait({"Retry-After": "-3"}) == 0
    assert asked_wait({}) is asked_wait({"Retry-After": "soon"}) is asked_wait({"Retry-After": "nan"}) is None


def test_waits_grow_up_to_the_longest() -> None:
    patience = Patience(first=1, longest=10)
    assert all(2 ** (tried - 1) / 2 <= patience.wait(tried, None) <= 2 ** (tried - 1) for tried in (1, 2, 3, 4))
    assert patience.wait(2000, None) <= 10


def test_a_torn_connection_and_half_an_answer_are_asked_again() -> None:
    whole = body()
    half = Play(data=whole[: len(whole) // 2], claims=len(whole))
    with Service(Play(breaks=True), half) as service:
        assert model_of(service).complete(ask()).text.startswith("m read")
    assert len(service.requests) == 3


@pytest.mark.parametrize("play", [Play(waits=30), Play(data=body() + b" " * 3000, drips=0.01)])
def test_an_answer_that_hangs_or_drips_is_cut_and_asked_again(play: Play) -> None:
    with Service(play) as service:
        began = time.monotonic()
        assert model_of(service, timeout=0.5).complete(ask()).text.startswith("m read")
    assert time.monotonic() - began < 3


def test_a_service_that_never_answers_is_told_so() -> None:
    with Service(*[Play(waits=30)] * 3) as service, pytest.raises(EndpointError, match=r"within 0.2 seconds.*3 tries"):
        model_of(service, timeout=0.2).complete(ask())


def test_no_service_at_all_is_told_so() -> None:
    with Service() as service:
        model = model_of(service)
    with pytest.raises(EndpointError, match="is the service running"):
        model.complete(ask())


def test_json_that_is_none_is_asked_again_then_given_up() -> None:
    with Service(*[Play(data=b'{"choices": [')] * 3) as service, pytest.raises(EndpointError, match="in JSON"):
        model_of(service).complete(ask())
    assert len(service.requests) == 3


@pytest.mark.parametrize(
    "data",
    [
        b"[]",
        b"null",
        body(choices=[]),
        body(choices="x"),
        body(choices=[{}]),
        body(choices=[{"message": {"content": None}, "finish_reason": "stop"}]),
        body(choices=[{"message": {"content": 7}}]),
        body(choices=[{"message": {"content": None, "refusal": "I would rather not"}}]),
        body(choices=[{"message": {"content": "x"}, "finish_reason": "content_filter"}]),
        body(choices=[{"message": {"content": None}, "finish_reason": "length"}]),
    ],
)
def test_missing_and_wrong_fields_are_told_in_a_line_and_not_paid_for_again(data: bytes) -> None:
    with Service(Play(data=data)) as service, pytest.raises(EndpointError, match="expected") as caught:
        model_of(service).complete(ask())
    assert "\n" not in str(caught.value)
    assert len(service.requests) == 1


@pytest.mark.parametrize(
    "usage",
    [{}, [], "many", {"prompt_tokens": "7", "completion_tokens": -3}, {"prompt_tokens": True}, {"prompt_tokens": 1e99}],
)
def test_wrong_counts_of_tokens_are_none(usage: object) -> None:
    with Service(Play(data=json.dumps(completion("x", usage=usage)).encode())) as service:
        reply = model_of(service).complete(ask())
    assert (reply.prompt_tokens, reply.completion_tokens) == (0, 0)


def test_a_page_instead_of_an_answer_is_refused() -> None:
    page = Play(data=b"<html>Sign in</html>", kind="text/html; charset=utf-8")
    with Service(page) as service, pytest.raises(EndpointError, match="found text/html"):
        model_of(service).complete(ask())


def test_a_huge_answer_is_refused_before_it_is_read_whole() -> None:
    with Service(Play(data=b" " * 3_000_000)) as service, pytest.raises(EndpointError, match="at most 100,000 bytes"):
        model_of(service, max_bytes=100_000).complete(ask())
    assert len(service.requests) == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirections_are_not_followed(status: int) -> None:
    with Service() as other:
        away = Play(status, b"", headers={"Location": f"{other.endpoint}/chat/completions?token=x"})
        with (
            Service(away) as service,
            pytest.raises(EndpointError, match=r"redirection to http://127\.0\.0\.1") as caught,
        ):
            model_of(service).complete(ask())
    assert not other.requests
    assert "token" not in str(caught.value)


def test_a_service_that_ignores_the_schema_is_answered_with_what_it_says() -> None:
    with Service(answer=lambda body: "no JSON at all") as service:
        assert model_of(service).complete(ask(schema=SCHEMA)).text == "no JSON at all"


def test_a_service_that_refuses_the_schema_is_asked_without_from_then_on() -> None:
    with Service() as service:
        service.refuse = lambda body: saying(400, "json_schema is not supported") if "response_format" in body else None
        model = model_of(service)
        model.complete(ask("one", schema=SCHEMA))
        model.complete(ask("two", schema=SCHEMA))
    assert ["response_format" in body for body in service.requests] == [True, False, False]
    assert model.left_out == ("response_format",)


def test_a_service_that_does_not_say_what_it_refuses_is_asked_without_extras() -> None:
    with Service() as service:
        service.refuse = lambda body: Play(422, b"", kind="") if "seed" in body else None
        assert model_of(service).complete(ask(temperature=1.0, schema=SCHEMA)).text
    assert len(service.requests) == 2


def test_a_service_with_the_newer_names_is_asked_by_them() -> None:
    def refuse(body: Body) -> Play | None:
        if "max_tokens" in body:
            return saying(400, "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.")
        return saying(400, "'temperature' does not support 0 with this model") if "temperature" in body else None

    with Service() as service:
        service.refuse = refuse
        model_of(service).complete(ask())
    assert service.requests[-1]["max_completion_tokens"] == 50


def test_what_is_refused_in_every_form_is_told_once() -> None:
    with Service() as service:
        service.refuse = lambda body: saying(400, "This model's maximum context length is 10 tokens")
        model = model_of(service)
        with pytest.raises(EndpointError, match="context length is 10 tokens; set window"):
            model.complete(ask(schema=SCHEMA))
    assert len(service.requests) == 2
    assert model.left_out == ()


def test_the_answer_is_given_no_more_room_than_the_window_leaves() -> None:
    with Service() as service:
        model_of(service, window=1000).complete(Request((Message("user", "a" * 2000),)))
    assert 200 < service.requests[0]["max_tokens"] < 500


def test_an_account_without_credit_is_not_asked_again() -> None:
    broke = saying(429, "You exceeded your quota", error={"code": "insufficient_quota"})
    with Service(broke) as service, pytest.raises(EndpointError, match="exceeded your quota"):
        model_of(service).complete(ask())
    assert len(service.requests) == 1


def test_an_error_within_a_good_status_is_an_error() -> None:
    busy, broken = ({"error": {"code": code, "message": "upstream"}} for code in (502, 400))
    plays = [Play(data=json.dumps(answer).encode()) for answer in (busy, broken)]
    with Service(*plays) as service, pytest.raises(EndpointError, match="upstream"):
        model_of(service).complete(ask())
    assert len(service.requests) == 2


def test_the_thoughts_of_a_reasoning_model_are_no_part_of_its_answer() -> None:
    texts = iter(["<think>\n1|M|1|draft\n</think>\n\n1|P|1|done", "<think>never ending 1|M|"])
    with Service(answer=lambda body: next(texts)) as service:
        model = model_of(service)
        assert [model.complete(ask()).text for _ in range(2)] == ["1|P|1|done", ""]


def test_an_answer_in_parts_is_put_together() -> None:
    parts = [{"type": "thinking", "thinking": "hm"}, {"type": "text", "text": "a"}, {"type": "text", "text": "b"}]
    with Service(Play(data=body(choices=[{"message": {"content": parts}}]))) as service:
        assert model_of(service).complete(ask()).text == "ab"


def test_many_threads_share_the_connections_and_keep_to_the_concurrency() -> None:
    with Service(answer=lambda body: time.sleep(0.02) or body["messages"][1]["content"]) as service:
        model = model_of(service, concurrency=4)
        with ThreadPoolExecutor(16) as pool:
            texts = list(pool.map(lambda number: model.complete(ask(str(number))).text, range(60)))
    assert texts == [str(number) for number in range(60)]
    assert service.most_at_once <= 4
    assert service.connections <= 4


def test_closing_ends_the_waits() -> None:
    with Service(*[saying(429, "wait", headers={"Retry-After": "60"})] * 3) as service:
        model = model_of(service, patience=Patience(first=60, longest=60))
        threading.Timer(0.2, model.close).start()
        began = time.monotonic()
        with pytest.raises(EndpointError, match="was ended"):
            model.complete(ask())
    assert time.monotonic() - began < 5


def test_loopback_is_asked_past_any_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    with Service() as service:
        assert model_of(service).complete(ask()).text


def test_a_proxy_of_the_environment_is_used_for_other_machines(monkeypatch: pytest.MonkeyPatch) -> None:
    with Service() as proxy:
        monkeypatch.setenv("http_proxy", proxy.endpoint.removesuffix("/v1"))
        monkeypatch.delenv("no_proxy", raising=False)
        options = EndpointOptions(patience=Patience(retries=0), insecure=True)
        model = EndpointModel("m", "http://models.example/v1", options=options, key=Key(""))
        with pytest.raises(EndpointError, match="status 404"):  # the service knows no path that begins with a host
            model.complete(ask())


# The key


def shown(error: BaseException) -> str:
    """All that a traceback may show of an error, from where the test called: messages, frames, the values in them."""
    assert error.__context__ is error.__cause__ is None and error.__traceback__ is not None
    frames = traceback.walk_tb(error.__traceback__.tb_next)
    return "".join(traceback.StackSummary.extract(frames, capture_locals=True).format()) + str(error)


@pytest.mark.parametrize("status", [200, 301, 400, 401, 403, 404, 429, 500])
def test_the_key_stands_in_no_error_log_or_traceback(
    status: int, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    leak = f"Incorrect API key provided: {KEY}. Bearer {KEY}"
    play = saying(status, leak, headers={"Location": f"http://x.example/{KEY}"})
    with caplog.at_level(logging.DEBUG), Service(*[play] * 3) as service:
        model = model_of(service)
        with pytest.raises(EndpointError) as caught:
            model.complete(ask())
    error = caught.value
    kept = f"{vars(model)}{model!r}{model.options!r}"
    assert all(KEY not in text for text in (shown(error), repr(error), caplog.text, kept, *capsys.readouterr()))


def test_the_key_stands_in_no_error_of_a_connection() -> None:
    for play in (Play(breaks=True), Play(waits=5), Play(data=b"{", claims=500), Play(data=b"{}", kind="text/plain")):
        with Service(*[play] * 3) as service, pytest.raises(EndpointError) as caught:
            model_of(service, timeout=0.2).complete(ask())
        assert KEY not in shown(caught.value)


def test_a_service_that_sends_the_key_back_does_not_get_it_into_an_answer() -> None:
    with Service(answer=lambda body: f"1|P|1|{KEY}") as service:
        assert model_of(service).complete(ask()).text == "1|P|1|***"


def test_a_placeholder_for_a_key_may_be_a_word_of_an_answer() -> None:
    with Service(answer=lambda body: "the tank is EMPTY") as service:
        model = EndpointModel("m", service.endpoint, key=Key("EMPTY"))
        assert model.complete(ask()).text == "the tank is EMPTY"


def test_the_key_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPED_LLM_API_KEY", f"{KEY}\n")
    with Service() as service:
        EndpointModel("m", service.endpoint).complete(ask())
    assert service.headers[0]["Authorization"] == f"Bearer {KEY}"


def test_without_a_key_none_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPED_LLM_API_KEY", raising=False)
    with Service() as service:
        EndpointModel("m", service.endpoint).complete(ask())
    assert "Authorization" not in service.headers[0]


@pytest.mark.parametrize("value", ["two words", "line\nbreak", "naïve"])
def test_a_key_that_is_none_is_refused_without_being_shown(value: str) -> None:
    with pytest.raises(ConfigError, match="OPED_LLM_API_KEY") as caught:
        Key(value)
    assert value not in str(caught.value)


# The address


@pytest.mark.parametrize(
    ("endpoint", "url"),
    [
        ("http://127.0.0.1:8000/v1", "http://127.0.0.1:8000/v1/chat/completions"),
        ("http://localhost/v1/", "http://localhost/v1/chat/completions"),
        ("http://[::1]:8000/v1", "http://[::1]:8000/v1/chat/completions"),
        ("https://models.example/api/v1/chat/completions", "https://models.example/api/v1/chat/completions"),
    ],
)
def test_an_endpoint_is_the_base_of_a_service(endpoint: str, url: str) -> None:
    assert check_address(endpoint).url == url


@pytest.mark.parametrize(
    "endpoint",
    ["", "models.example/v1", "ftp://x/v1", "https://", "https://user:pass@x/v1", "https://x/v1?key=y", "https://x:99999/v1",
     "https://x/v1#a", "https://x/v 1", "https://x/v1\r\nHost: y"],
)  # fmt: skip
def test_what_is_no_endpoint_is_refused(endpoint: str) -> None:
    with pytest.raises(ConfigError, match="expected an endpoint") as caught:
        check_address(endpoint)
    assert "pass" not in str(caught.value) and "key=y" not in str(caught.value)


@pytest.mark.parametrize("host", ["models.example", "192.168.1.7", "127.0.0.1.example", "localhost.example", "0.0.0.0"])
def test_only_loopback_is_asked_unencrypted_unless_allowed(host: str) -> None:
    with pytest.raises(ConfigError, match="unencrypted"):
        check_address(f"http://{host}/v1")
    assert check_address(f"http://{host}/v1", insecure=True).host == host
