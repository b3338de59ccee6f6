"""Batches that a language model reads, over real HTTP: whatever happens, nothing is paid for twice, and nothing is lost."""

import json
import pickle
import random
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from oped.batch.tasks import Settings
from oped.commands import cli
from oped.errors import OpedError
from oped.records import ArgumentMap
from tests.batch.conftest import TOPICS, files_of, text_of
from tests.batch.test_faults import wait_for_maps
from tests.llm.readings import reading, topic_in
from tests.llm.service import KEY, Body, Play, Service, completion, saying

Batch = Callable[..., "Done"]


class Done:
    """What became of a call of the command."""

    def __init__(self, code: int, told: str, out: str) -> None:
        self.code, self.told, self.out = code, told, out


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten short articles."""
    folder = tmp_path_factory.mktemp("llm") / "in"
    folder.mkdir()
    for topic in TOPICS:
        (folder / f"{topic}.txt").write_text(text_of(topic), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def undisturbed(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a batch over them leaves when nothing disturbs it."""
    place = tmp_path_factory.mktemp("llm-undisturbed")
    with Service(answer=reading) as service:
        arguments = ["--model", "llm:tiny", "--endpoint", service.endpoint, "--cache", "none", "--no-entities"]
        done = CliRunner().invoke(cli, ["batch", str(folder), "-o", str(place / "out"), *arguments, "--workers", "1"])
    assert done.exit_code == 0, done.stderr
    return place / "out"


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    monkeypatch.setenv("OPED_LLM_API_KEY", KEY)
    with Service(answer=reading) as service:
        monkeypatch.setenv("OPED_LLM_ENDPOINT", service.endpoint)
        yield service


@pytest.fixture
def batch(tmp_path: Path, service: Service) -> Iterator[Batch]:
    """The command, with a cache of this test; in the end the key stands in no file and in nothing that was said."""
    said: list[str] = []

    def call(
        *arguments: str | Path, model: str | Path = "llm:tiny", cache: str = "cache", entities: bool = False
    ) -> Done:
        given = [
            "--model",
            model,
            "--cache",
            tmp_path / cache,
            "--workers",
            1,
            *([] if entities else ["--no-entities"]),
        ]
        result = CliRunner().invoke(cli, ["batch", *map(str, [*arguments, *given])])
        failure = str(result.exception) if isinstance(result.exception, OpedError) else ""
        assert failure or isinstance(result.exception, SystemExit | None), result.exception
        done = Done(1 if failure else result.exit_code, result.stderr + failure, result.stdout)
        said.extend((done.told, done.out))
        return done

    yield call
    assert KEY not in "".join(said)
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and KEY.encode() in path.read_bytes()]


def table(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def maps_of(out: Path) -> dict[str, ArgumentMap]:
    """The maps of a batch by the names of their articles' files."""
    found = (ArgumentMap.from_dict(json.loads(path.read_bytes())) for path in out.glob("maps/**/*.json"))
    return {str(amap.article.source): amap for amap in found}


def errors_of(out: Path) -> dict[str, str]:
    lines = (json.loads(line) for line in (out / "errors.jsonl").read_text(encoding="utf-8").splitlines())
    return {line["article"]: line["error"] for line in lines}


def summary_of(out: Path) -> dict[str, Any]:
    data: dict[str, Any] = json.loads((out / "summary.json").read_bytes())
    return data


def test_a_batch_leaves_maps_tables_errors_and_what_it_cost(
    articles: Path, service: Service, batch: Batch, tmp_path: Path
) -> None:
    model = table(tmp_path / "m.toml", '[llm]\nmodel = "tiny"\nprices = {prompt = 1000, completion = 50000}\n')
    out = tmp_path / "out"
    done = batch(articles, "-o", out, "--html", model=model, entities=True)
    assert (done.code, len(service.requests)) == (1, 10)
    assert "10 of 13 articles mapped, 1 duplicates, 2 failed" in done.told
    assert "1,000 tokens sent, 200 answered, 11.00" in done.told
    assert sorted(errors_of(out)) == ["broken.pdf", "empty.txt"]
    amap = maps_of(out)["ferry.txt"]
    assert [part.type for part in amap.components] == ["major_claim", "premise", "claim", "claim", "claim"]
    assert [(link.source, link.target, link.type) for link in amap.relations][-1] == ("c5", "c4", "attack")
    named = {entity.id: entity.name for entity in amap.entities}
    assert "Hallen" in named.values() and amap.model is not None and amap.model.name == "llm:tiny"
    summary = summary_of(out)
    assert summary["reading"] == {"samples": 10, "requests": 10, "prompt_tokens": 1000, "completion_tokens": 200,
                                  "lines": 50, "exact": 50, "mended": 0, "dropped": 0}  # fmt: skip
    spent = summary["times"]["language_model"]
    assert (spent["requests"], spent["prompt_tokens"], spent["price"]) == (10, 1000, 11.0)
    assert (summary["times"]["mapped_now"], summary["mapped"]["components"]) == (10, 50)
    tables = {name: pq.read_table(out / f"{name}.parquet").num_rows for name in ("articles", "components", "relations")}
    assert tables == {"articles": 10, "components": 50, "relations": 40}
    assert len(list(out.glob("pages/**/*.html"))) == 10
    assert {headers["Authorization"] for headers in service.headers} == {f"Bearer {KEY}"}

    again = batch(articles, "-o", out, "--html", model=model, entities=True)
    assert again.code == 1 and summary_of(out)["times"]["mapped_now"] == 0
    batch(articles, "-o", tmp_path / "other", "--html", model=model, entities=True)
    assert summary_of(tmp_path / "other")["times"]["language_model"]["cached"] == 10
    assert files_of(tmp_path / "other") == files_of(out) and len(service.requests) == 10


def test_what_was_answered_before_a_kill_is_not_paid_for_again(
    folder: Path, undisturbed: Path, service: Service, batch: Batch, tmp_path: Path
) -> None:
    service.refuse = lambda body: Play(breaks=True, waits=60) if len(service.answered) >= 4 else None
    out = tmp_path / "out"
    arguments = ["--model", "llm:tiny", "--cache", tmp_path / "cache", "--workers", 1, "--no-entities", "--quiet"]
    command = [sys.executable, "-m", "oped", "batch", *map(str, [folder, "-o", out, *arguments])]
    settings = table(tmp_path / "one.toml", '[llm]\nmodel = "tiny"\nconcurrency = 1\n')
    command[command.index("llm:tiny")] = str(settings)
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    wait_for_maps(out, 4)
    process.kill()
    process.wait()
    assert not (out / "summary.json").exists() and len(service.answered) == 4
    service.refuse = lambda body: None
    assert batch(folder, "-o", out, model=settings).code == 0
    assert files_of(out) == files_of(undisturbed)
    assert sorted(service.answered.values()) == [1] * 10


def test_an_ill_service_costs_time_and_nothing_else(
    folder: Path, undisturbed: Path, service: Service, batch: Batch, tmp_path: Path
) -> None:
    torn = json.dumps(completion("half")).encode()[:30]
    service.plays = [Play(), saying(429, "slow down", headers={"Retry-After": "0"}), saying(500, "oh"), Play(waits=9),
                     Play(breaks=True), Play(data=torn, claims=500), Play(data=torn)]  # fmt: skip
    settings = table(tmp_path / "m.toml", '[llm]\nmodel = "tiny"\ntimeout = 0.5\n')
    done = batch(folder, "-o", tmp_path / "out", model=settings)
    assert done.code == 0, done.told
    assert files_of(tmp_path / "out") == files_of(undisturbed)
    assert len(service.requests) == 16 and "10 articles mapped" in done.told


def test_an_article_without_a_usable_answer_costs_itself_alone(
    folder: Path, service: Service, batch: Batch, tmp_path: Path
) -> None:
    service.answer = lambda body: "I can't help with that." if topic_in(body) == "tram" else reading(body)
    refused = "mill"
    service.refuse = lambda body: saying(400, "content") if topic_in(body) == refused else None
    out = tmp_path / "out"
    assert batch(folder, "-o", out).code == 1
    assert errors_of(out) == {"mill.txt": "EndpointError", "tram.txt": "UnusableError"}
    assert len(maps_of(out)) == 8
    asked, refused = len(service.requests), ""
    assert batch(folder, "-o", out).code == 1
    assert errors_of(out) == {"tram.txt": "UnusableError"} and len(service.requests) == asked + 1


def test_a_batch_stops_at_its_bound_and_goes_on(
    folder: Path, undisturbed: Path, service: Service, batch: Batch, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    one = table(tmp_path / "one.toml", '[llm]\nmodel = "tiny"\nconcurrency = 1\n')
    stopped = batch(folder, "-o", out, "--max-tokens-total", "2800", model=one)
    count = len(service.requests)
    assert stopped.code == 1 and 0 < count < 10
    assert "the bound of 2,800 tokens is reached" in stopped.told
    assert f"{count} of 10 articles mapped, {10 - count} left for another run" in stopped.told
    assert (summary_of(out)["pending"], summary_of(out)["failed"]) == (10 - count, 0)
    assert pq.read_table(out / "articles.parquet").num_rows == len(maps_of(out)) == count
    assert batch(folder, "-o", out).code == 0
    assert files_of(out) == files_of(undisturbed) and len(service.requests) == 10

    other = table(tmp_path / "other.toml", '[llm]\nmodel = "another"\nconcurrency = 1\n')
    batch(folder, "-o", out, "--max-tokens-total", "2800", model=other)
    assert 0 < pq.read_table(out / "articles.parquet").num_rows == 10 - summary_of(out)["pending"] < 10
    assert len(maps_of(out)) == 10, "maps of the model before are kept, and are in no table"
    batch(folder, "-o", out)
    assert files_of(out) == files_of(undisturbed)


def test_answers_that_cannot_be_kept_are_not_bought(
    folder: Path, service: Service, batch: Batch, tmp_path: Path
) -> None:
    (tmp_path / "full").write_text("no folder")
    one = table(tmp_path / "one.toml", '[llm]\nmodel = "tiny"\nconcurrency = 1\n')
    done = batch(folder, "-o", tmp_path / "out", model=one, cache="full/cache")
    assert done.code == 1 and len(service.requests) == 1
    assert "the answer can't be stored" in done.told and "10 left for another run" in done.told


def test_a_dry_run_counts_and_sends_nothing(articles: Path, service: Service, batch: Batch, tmp_path: Path) -> None:
    model = table(tmp_path / "m.toml", '[llm]\nmodel = "tiny"\nprices = {prompt = 1, completion = 2}\n')
    done = batch(articles, "--dry-run", "--samples", "3", model=model)
    assert done.code == 1 and not service.requests
    assert "10 articles, 30 requests, about " in done.out and "at the prices given" in done.out
    batch(articles, "-o", tmp_path / "out")
    known = batch(articles, "--dry-run")
    assert "10 articles, 10 requests, 10 of them answered already, about 0 tokens sent and 0 answered" in known.out


def replies_to(path: Path, answer: Callable[[Body], str] = reading) -> list[Body]:
    """What a batch service answers to a file of requests, in no order."""
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    random.Random(1).shuffle(lines)
    bodies = [{"status_code": 200, "body": completion(answer(line["body"]))} for line in lines]
    return [{"custom_id": line["custom_id"], "response": body} for line, body in zip(lines, bodies, strict=True)]


def write_replies(path: Path, replies: list[Body], end: str = "") -> Path:
    return table(path, "".join(f"{json.dumps(reply)}\n" for reply in replies) + end)


def faulty(body: Body) -> str:
    """As `reading`, with words in one article that are nowhere, which a correction puts right."""
    whole = reading(body)
    if topic_in(body) != "mill":
        return whole
    put_right = whole.splitlines()[4]
    return (
        put_right if len(body["messages"]) > 2 else whole.replace("the repairs were paid for in May", "Nothing at all")
    )


def test_maps_come_from_files_of_replies(folder: Path, service: Service, batch: Batch, tmp_path: Path) -> None:
    out, first, rest = tmp_path / "out", tmp_path / "r1.jsonl", tmp_path / "r2.jsonl"
    asked = batch(folder, "--requests", first)
    assert asked.code == 0 and "10 requests in" in asked.told
    replies = replies_to(first, faulty)
    replies[2] = {"custom_id": replies[2]["custom_id"], "response": None, "error": {"message": "out of time"}}
    torn = json.dumps(replies[9])[:99]
    files = [write_replies(tmp_path / "a.jsonl", replies[:4]), write_replies(tmp_path / "b.jsonl", replies[4:9], torn)]
    done = batch(folder, "-o", out, "--requests", rest, *(word for file in files for word in ("--replies", file)))
    assert done.code == 1 and "b.jsonl, line 6: expected JSON" in done.told and "tokens sent" not in done.told
    assert len(maps_of(out)) == 8 and set(errors_of(out).values()) == {"UnansweredError"}
    second = [json.loads(line) for line in rest.read_text(encoding="utf-8").splitlines()]
    missing = {replies[2]["custom_id"], replies[9]["custom_id"]}
    corrections = [line for line in second if line["custom_id"] not in missing]
    assert {line["custom_id"] for line in second} > missing and len(corrections) == 1
    assert "its words are not in paragraph 2" in corrections[0]["body"]["messages"][-1]["content"]

    files.append(write_replies(tmp_path / "c.jsonl", replies_to(rest, faulty)))
    done = batch(folder, "-o", out, *(word for file in files for word in ("--replies", file)))
    assert done.code == 0, done.told
    assert not service.requests
    service.answer = faulty
    batch(folder, "-o", tmp_path / "live")
    assert files_of(tmp_path / "live") == files_of(out)
    other = batch(folder, "-o", tmp_path / "other", "--gist", "--replies", files[0])
    assert other.code == 1 and "none of the replies belongs to what is asked here" in other.told


def test_all_readings_are_written_down(folder: Path, service: Service, batch: Batch, tmp_path: Path) -> None:
    two, file = [folder / "ferry.txt", folder / "library.txt"], tmp_path / "r.jsonl"
    assert batch(*two, "--requests", file, "--samples", "20").code == 0
    bodies = [json.loads(line)["body"] for line in file.read_text(encoding="utf-8").splitlines()]
    assert sorted((topic_in(body), body["seed"]) for body in bodies) == [
        (topic, seed) for topic in ("ferry", "library") for seed in range(20)
    ]
    assert batch(*two, "-o", tmp_path / "out", "--requests", tmp_path / "again.jsonl", "--samples", "20").code == 0
    assert sorted(file.read_text().splitlines()) == sorted((tmp_path / "again.jsonl").read_text().splitlines())
    assert not service.requests
    replies = write_replies(tmp_path / "a.jsonl", replies_to(file))
    done = batch(*two, "-o", tmp_path / "out", "--replies", replies, "--samples", "20")
    assert done.code == 0 and summary_of(tmp_path / "out")["reading"]["samples"] == 40


def in_parts(body: Body) -> str:
    """A claim for each paragraph that is to be marked, which supports the first one."""
    asked = body["messages"][1]["content"]
    numbers = re_int(r"\[(\d+)\] The harbour", asked)
    first, start = ([*re_int(r"count at (\d+)", asked), 1][0], [*re_int(r"paragraphs (\d+) to", asked), 1][0])
    rows = [(first + place, number) for place, number in enumerate(n for n in numbers if n >= start)]
    return "\n".join(
        f"{line}|{'M' if line == 1 else 'C'}|{number}|The harbour needs pier {number}|||{'' if line == 1 else '+1'}"
        for line, number in rows
    )


def re_int(pattern: str, text: str) -> list[int]:
    return [int(found) for found in re.findall(pattern, text)]


def test_parts_of_a_long_article_are_asked_for_one_after_another(
    service: Service, batch: Batch, tmp_path: Path
) -> None:
    text = "\n\n".join(f"The harbour needs pier {number}, {'and so do we all, ' * 20}say I." for number in range(1, 19))
    article = table(tmp_path / "long.txt", text)
    model = table(tmp_path / "m.toml", '[llm]\nmodel = "tiny"\nwindow = 7500\nmax_tokens = 3000\n')
    service.answer = in_parts
    assert batch(article, "-o", tmp_path / "live", model=model).code == 0
    parts = len(service.requests)
    assert parts == 2 and len(maps_of(tmp_path / "live")["long.txt"].components) == 18
    out, files = tmp_path / "out", []
    for place in range(parts):
        rest = tmp_path / f"r{place}.jsonl"
        batch(article, "-o", out, "--requests", rest, *files, model=model)
        assert len(rest.read_text().splitlines()) == 1
        files += ["--replies", write_replies(tmp_path / f"a{place}.jsonl", replies_to(rest, in_parts))]
    assert batch(article, "-o", out, *files, model=model).code == 0
    assert files_of(out) == files_of(tmp_path / "live")


def test_what_a_language_model_cannot_do_is_refused(
    folder: Path, service: Service, batch: Batch, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    ray = batch(folder, "-o", out, "--engine", "ray")
    assert ray.code == 2 and "a language model is asked from one machine" in ray.told
    far = batch(folder, "-o", out, "--endpoint", "http://models.example.org/v1")
    assert far.code == 1 and "unencrypted" in far.told
    assert "TOML file" in batch(folder, "-o", out, "--scheme", "cdcp").told
    trained = CliRunner().invoke(cli, ["batch", str(folder), "-o", str(out), "--dry-run"])
    assert trained.exit_code == 2 and "--model llm:NAME" in trained.stderr
    assert not service.requests


def test_a_tagger_of_labels_of_ones_own_needs_no_annotated_document(
    folder: Path, service: Service, batch: Batch, tmp_path: Path
) -> None:
    model = table(
        tmp_path / "policy.toml",
        '[llm]\nmodel = "tiny"\nsamples = 3\ngist = true\n[scheme]\nname = "policy"\nsource = false\n'
        '[scheme.components]\nproposal = "what ought to be done"\nreason = "why"\n'
        '[scheme.relations]\nfor = "makes a proposal more acceptable"\n',
    )
    service.answer = lambda body: (
        f"1|proposal|1|The council should keep the {topic_in(body)} open||Keep it.\n2|reason|1|Every third family … used it last year|for 1|Many use it."
    )
    out = tmp_path / "out"
    assert batch(folder, "-o", out, model=model).code == 0
    amap = maps_of(out)["mill.txt"]
    assert amap.scheme == "policy" and len(service.requests) == 30
    assert [(part.type, part.risk, part.attribution, part.gist) for part in amap.components] == [
        ("proposal", None, None, "Keep it."),
        ("reason", None, None, "Many use it."),
    ]
    assert [link.type for link in amap.relations] == ["for"]
    assert "why" in service.requests[0]["messages"][0]["content"]
    assert pq.read_table(out / "components.parquet").column("gist").to_pylist()[0] == "Keep it."


def test_settings_reach_worker_processes_without_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPED_LLM_API_KEY", KEY)
    options = {"endpoint": "http://127.0.0.1:1/v1", "samples": 3, "prices": {"prompt": 1.0, "completion": 2.0}}
    sent = pickle.dumps(Settings("llm:tiny", options=options))
    assert pickle.loads(sent).options == options and KEY.encode() not in sent


def test_readings_ask_no_more_at_once_than_is_allowed(
    folder: Path, service: Service, batch: Batch, tmp_path: Path
) -> None:
    service.refuse = lambda body: time.sleep(0.02)
    model = table(tmp_path / "m.toml", '[llm]\nmodel = "tiny"\nsamples = 3\nconcurrency = 4\n')
    assert batch(folder, "-o", tmp_path / "out", model=model).code == 0
    assert len(service.requests) == 30 and 2 <= service.most_at_once <= 4
