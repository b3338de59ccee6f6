"""Requests go into a file in the form of the OpenAI batch API, and replies come out of such files."""

import json
import random
from pathlib import Path

import pytest

from oped.errors import EndpointError, FormatError, UnansweredError
from oped.llm.batch_file import RecordingModel, Replies, RepliesModel, RequestsFile
from oped.llm.model import Message, Request, Sampling
from tests.llm.service import Body, completion

SCHEMA = {"type": "object"}


def ask(text: str = "An article.", number: int = 0) -> Request:
    return Request(
        (Message("system", "Read."), Message("user", text)), Sampling(temperature=0.7, number=number), SCHEMA
    )


def answer(line: Body, text: str | None = None, **more: object) -> Body:
    body = completion(text or f"read {line['body']['messages'][1]['content']}")
    return {
        "id": "batch_req_1",
        "custom_id": line["custom_id"],
        "response": {"status_code": 200, "body": body},
        "error": None,
        **more,
    }


def lines_of(path: Path) -> list[Body]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def write(path: Path, *lines: Body | bytes) -> Path:
    path.write_bytes(
        b"".join((line if isinstance(line, bytes) else json.dumps(line).encode()) + b"\n" for line in lines)
    )
    return path


def record(path: Path, *requests: Request) -> list[Body]:
    with RequestsFile(path) as file:
        model = RecordingModel("m", file)
        for request in requests:
            with pytest.raises(UnansweredError):
                model.complete(request)
    return lines_of(path)


def test_requests_have_the_form_of_the_batch_api(tmp_path: Path) -> None:
    [line] = record(tmp_path / "r.jsonl", ask("Naïve “quotes”"))
    assert line.keys() == {"custom_id", "method", "url", "body"}
    assert (line["method"], line["url"]) == ("POST", "/v1/chat/completions")
    assert line["body"]["messages"][1] == {"role": "user", "content": "Naïve “quotes”"}
    assert line["body"]["response_format"]["json_schema"]["schema"] == SCHEMA


def test_an_id_tells_article_and_reading_apart_is_short_and_stays(tmp_path: Path) -> None:
    requests = [ask("a"), ask("a", 1), ask("b"), ask("a")]
    first, second = record(tmp_path / "1.jsonl", *requests), record(tmp_path / "2.jsonl", *requests)
    ids = [line["custom_id"] for line in first]
    assert len(set(ids)) == 3 == len(ids)
    assert all(len(name) <= 64 for name in ids)
    assert first == second


def test_a_file_of_requests_is_there_whole_or_not_at_all(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), RequestsFile(tmp_path / "r.jsonl") as file:
        file.write(ask(), "m")
        raise ZeroDivisionError
    assert not list(tmp_path.iterdir())
    with pytest.raises(FormatError, match="can be written"):
        RequestsFile(tmp_path / "none" / "r.jsonl")


def test_replies_are_found_in_any_order_in_several_files(tmp_path: Path) -> None:
    requests = [ask(f"article {place}", number) for place in range(20) for number in range(2)]
    lines = [answer(line, f"text {place}") for place, line in enumerate(record(tmp_path / "r.jsonl", *requests))]
    random.Random(1).shuffle(lines)
    files = [write(tmp_path / f"{number}.jsonl", *lines[number::3]) for number in range(3)]
    model = RepliesModel("m", Replies(files))
    assert [model.complete(request).text for request in requests] == [f"text {place}" for place in range(40)]
    assert model.complete(requests[0]).prompt_tokens == 100
    assert len(model.replies) == 40 and model.replies.unknown() == [] and model.replies.broken == []


def test_errors_are_told_with_their_reason(tmp_path: Path) -> None:
    lines = record(tmp_path / "r.jsonl", *(ask(str(place)) for place in range(6)))
    ids = [line["custom_id"] for line in lines]
    file = write(
        tmp_path / "replies.jsonl",
        {"custom_id": ids[0], "response": None, "error": {"code": "batch_expired", "message": "out of time"}},
        {"custom_id": ids[1], "response": {"status_code": 429, "body": {"error": {"message": "slow\ndown"}}}},
        {"custom_id": ids[2], "response": {"status_code": 200, "body": {"choices": []}}},
        {"custom_id": ids[3], "response": {"status_code": 200, "body": "text"}},
        {"custom_id": ids[4]},
    )
    replies = Replies([file])
    model = RepliesModel("m", replies)
    reasons = ["out of time", "status 429: slow down", "with choices", "a chat completion", "a response", "no reply"]
    for place, reason in enumerate(reasons):
        with pytest.raises(UnansweredError, match=reason) as caught:
            model.complete(ask(str(place)))
        assert isinstance(caught.value, EndpointError) and "\n" not in str(caught.value)
        assert ids[place] not in replies
    assert [name for name, _ in replies.reasons()] == sorted(ids[:5])
    assert (replies.counts["errors"], replies.counts["replies"]) == (5, 0)


def test_lines_that_are_no_replies_are_listed_with_their_place(tmp_path: Path) -> None:
    [line] = record(tmp_path / "r.jsonl", ask())
    whole = json.dumps(answer(line)).encode()
    file = write(
        tmp_path / "a.jsonl", b"", whole[:50], b"[1]", b"\xff\xfe", b'{"custom_id": 7}', b'{"custom_id": NaN}', whole
    )
    replies = Replies([file])
    assert [entry.partition(": ")[0] for entry in replies.broken] == [
        f"{file}, line {number}" for number in (2, 3, 4, 5, 6)
    ]
    assert replies.counts["broken"] == 5
    assert RepliesModel("m", replies).complete(ask()).text == "read An article."


def test_replies_to_what_nobody_asked_are_listed(tmp_path: Path) -> None:
    [line] = record(tmp_path / "r.jsonl", ask())
    other, odd = {**answer(line), "custom_id": "f" * 64}, {**answer(line), "custom_id": "request-1 \ud800"}
    replies = Replies([write(tmp_path / "a.jsonl", other, answer(line), odd)])
    RepliesModel("m", replies).complete(ask())
    assert replies.unknown() == ["f" * 64, "request-1 \ud800"]


def test_of_several_replies_the_same_is_taken_whatever_their_order(tmp_path: Path) -> None:
    [line] = record(tmp_path / "r.jsonl", ask())
    failed = {"custom_id": line["custom_id"], "error": {"message": "no"}}
    cut = answer(line, response={"status_code": 200, "body": completion("half", finish="length")})
    lines = [failed, answer(line, "one"), answer(line, "two"), cut]
    texts = set()
    for seed in range(12):
        random.Random(seed).shuffle(lines)
        replies = Replies([write(tmp_path / "a.jsonl", *lines[:2]), write(tmp_path / "b.jsonl", *lines[2:])])
        assert replies.counts["duplicates"] == 3
        texts.add(RepliesModel("m", replies).complete(ask()).text)
    assert len(texts) == 1 and texts < {"one", "two"}


def test_what_has_no_reply_is_written_down_alone(tmp_path: Path) -> None:
    requests = [ask(f"article {place}") for place in range(5)]
    lines = record(tmp_path / "r.jsonl", *requests)
    failed = {"custom_id": lines[1]["custom_id"], "response": {"status_code": 500, "body": {}}}
    file = write(tmp_path / "replies.jsonl", answer(lines[0]), failed, answer(lines[4]))
    with RequestsFile(tmp_path / "rest.jsonl") as rest:
        model = RepliesModel("m", Replies([file]), otherwise=RecordingModel("m", rest))
        for place, request in enumerate(requests):
            if place in (0, 4):
                assert model.complete(request).text == f"read article {place}"
            else:
                with pytest.raises(UnansweredError, match="written down"):
                    model.complete(request)
    assert lines_of(tmp_path / "rest.jsonl") == lines[1:4]


def test_a_file_that_is_not_there_or_was_changed_is_told(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="a file of replies"):
        Replies([tmp_path / "none.jsonl"])
    [line] = record(tmp_path / "r.jsonl", ask())
    file = write(tmp_path / "a.jsonl", answer(line, "one"))
    model = RepliesModel("m", Replies([file]))
    write(file, answer(line, "two"))
    with pytest.raises(FormatError, match="was changed"):
        model.complete(ask())


def test_windows_line_ends_and_a_byte_order_mark_do_no_harm(tmp_path: Path) -> None:
    [line] = record(tmp_path / "r.jsonl", ask())
    file = tmp_path / "a.jsonl"
    file.write_bytes(b"\xef\xbb\xbf" + json.dumps(answer(line)).encode() + b"\r\n")
    assert RepliesModel("m", Replies([file])).complete(ask()).text == "read An article."


def test_texts_are_not_kept_in_memory(tmp_path: Path) -> None:
    import tracemalloc

    [line] = record(tmp_path / "r.jsonl", ask())
    body = completion("x" * 20_000)
    with open(tmp_path / "big.jsonl", "w") as stream:
        for place in range(500):
            name = f"{place:064x}"
            stream.write(json.dumps({"custom_id": name, "response": {"status_code": 200, "body": body}}) + "\n")
    tracemalloc.start()
    replies = Replies([tmp_path / "big.jsonl"])
    used, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(replies) == 500 and line["custom_id"] not in replies
    assert used < 500 * 1000
