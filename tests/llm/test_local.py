"""A language model on this machine: a tiny one that the test makes, and a real small one where it is at hand."""

import json
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import jsonschema
import pytest

from oped.errors import EndpointError, ModelError
from oped.llm.local import LocalModel
from oped.llm.model import Message, Request, Sampling
from oped.llm.opening import open_language_model
from oped.llm.settings import read_settings

WORDS = "The quay must be closed , says Ann Lee : its piles may fail and 7 of 10 harbours are old ."
TEMPLATE = (
    "{% for turn in messages %}<s>{{ turn['role'] }} {{ turn['content'] }}</s>{% endfor %}"
    "{% if add_generation_prompt %}<s>assistant {% endif %}"
)
SCHEMA = {
    "type": "object",
    "properties": {
        "lines": {
            "type": "array",
            "maxItems": 2,
            "items": {
                "type": "object",
                "properties": {"type": {"enum": ["M", "C", "P"]}, "risk": {"type": "boolean"}},
                "required": ["type", "risk"],
                "additionalProperties": False,
            },
        }
    },
    "required": ["lines"],
    "additionalProperties": False,
}
# The folder of a GGUF file; see tests/consumers/install.sh.
GGUF = Path(os.environ.get("OPED_CONSUMERS", Path(__file__).parents[2] / ".consumers")) / "gemma"


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    """So small a model is slower on several processors than on one."""
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that knows nothing, of some thousand weights drawn at random, with a tokenizer of single bytes."""
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    raw = Tokenizer(models.BPE())
    raw.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    raw.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    raw.train_from_iterator(
        [WORDS], trainers.BpeTrainer(vocab_size=300, special_tokens=["<s>", "</s>"], initial_alphabet=alphabet)
    )
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=raw, bos_token="<s>", eos_token="</s>")
    tokenizer.chat_template = TEMPLATE
    torch.manual_seed(3)
    config = LlamaConfig(
        vocab_size=320, hidden_size=32, intermediate_size=32, num_hidden_layers=1, num_attention_heads=2,
        num_key_value_heads=2, max_position_embeddings=512, bos_token_id=0, eos_token_id=1,
    )  # fmt: skip
    path: Path = tmp_path_factory.mktemp("model") / "tiny"
    LlamaForCausalLM(config).save_pretrained(path)
    tokenizer.save_pretrained(path)
    return path


@pytest.fixture(scope="module")
def tiny(folder: Path) -> LocalModel:
    return LocalModel(str(folder), logprobs=True, device="cpu")


def ask(
    text: str = "The quay", *, temperature: float = 0.0, number: int = 0, most: int = 12, schema: object = None
) -> Request:
    messages = (Message("system", "Read."), Message("user", text))
    return Request(messages, Sampling(temperature=temperature, max_tokens=most, number=number), schema)  # type: ignore[arg-type]


def test_it_is_named_by_its_folder_and_knows_its_window(tiny: LocalModel) -> None:
    assert (tiny.name, tiny.window) == ("tiny", 512)


def test_a_greedy_answer_is_the_same_each_time_and_stops_at_its_greatest_length(tiny: LocalModel) -> None:
    first, second = tiny.complete(ask()), tiny.complete(ask())
    assert first == second
    assert 0 < first.completion_tokens <= 12
    assert first.truncated == (first.completion_tokens == 12)
    assert first.prompt_tokens > 20


def test_drawn_answers_differ_by_their_number_and_come_again(tiny: LocalModel) -> None:
    texts = [tiny.complete(ask(temperature=1.0, number=number)).text for number in range(4)]
    assert len(set(texts)) == 4
    assert tiny.complete(ask(temperature=1.0, number=2)).text == texts[2]


def test_each_token_has_its_probability(tiny: LocalModel) -> None:
    reply = tiny.complete(ask())
    assert reply.logprobs is not None
    assert len(reply.logprobs) == reply.completion_tokens - (not reply.truncated)
    assert all(-20 < value <= 0 for _, value in reply.logprobs)


def test_probabilities_are_those_that_the_model_gives(tiny: LocalModel) -> None:
    import torch

    from oped.llm.chat_template import prompt_ids

    request = ask(most=3)
    reply = tiny.complete(request)
    prompt = prompt_ids(tiny._tokenizer, request.messages)
    with torch.inference_mode():
        first = tiny._model(torch.tensor([prompt])).logits[0, -1].log_softmax(-1).max()
    assert reply.logprobs is not None and reply.logprobs[0][1] == pytest.approx(float(first), abs=1e-4)


@pytest.mark.parametrize("temperature", [0.0, 1.0, 2.0])
def test_an_answer_with_a_schema_follows_it_whatever_the_model_knows(tiny: LocalModel, temperature: float) -> None:
    for number in range(2):
        reply = tiny.complete(ask(temperature=temperature, number=number, most=120, schema=SCHEMA))
        assert not reply.truncated
        jsonschema.validate(json.loads(reply.text), SCHEMA)


def test_a_schema_that_can_not_be_held_is_told_in_a_line(tiny: LocalModel) -> None:
    with pytest.raises(EndpointError, match="schema that an answer can be held to"):
        tiny.complete(ask(schema={"type": "nothing"}))


def test_a_model_without_a_template_gets_a_plain_text(folder: Path) -> None:
    model = LocalModel(str(folder), device="cpu")
    model._tokenizer.chat_template = None
    assert model.complete(ask()).completion_tokens


def test_a_template_that_knows_no_system_gets_its_words_from_the_user(tiny: LocalModel) -> None:
    from copy import copy

    from oped.llm.chat_template import prompt_ids

    tokenizer = copy(tiny._tokenizer)
    tokenizer.chat_template = (
        "{% if messages[0]['role'] == 'system' %}{{ raise_exception('no') }}{% endif %}" + TEMPLATE
    )
    text = tokenizer.decode(prompt_ids(tokenizer, ask("Hello").messages))
    assert "Read.\n\nHello" in text and "system" not in text


def test_the_token_that_ends_a_turn_ends_an_answer(tiny: LocalModel) -> None:
    from copy import deepcopy

    from oped.llm.chat_template import end_ids

    tokenizer = deepcopy(tiny._tokenizer)
    tokenizer.add_special_tokens({"additional_special_tokens": ["<end_of_turn>"]})
    tokenizer.chat_template = "{% for turn in messages %}{{ turn['content'] }}<end_of_turn>\n{% endfor %}"
    assert end_ids(tokenizer, None) == sorted([1, tokenizer.convert_tokens_to_ids("<end_of_turn>")])


def test_a_prompt_that_leaves_no_room_is_told_so(tiny: LocalModel) -> None:
    with pytest.raises(EndpointError, match="fewer than 512 tokens"):
        tiny.complete(ask("old harbours " * 400))


def test_several_threads_wait_for_each_other(tiny: LocalModel) -> None:
    alone = [tiny.complete(ask(str(number), temperature=1.0)).text for number in range(3)]
    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(lambda number: tiny.complete(ask(str(number), temperature=1.0)).text, range(3))) == alone


def test_it_draws_without_touching_the_random_numbers_of_others(tiny: LocalModel) -> None:
    import torch

    torch.manual_seed(5)
    expected = torch.rand(1)
    torch.manual_seed(5)
    tiny.complete(ask(temperature=1.0))
    assert torch.equal(torch.rand(1), expected)


@pytest.mark.parametrize("content", [None, "", "{}"])
def test_a_folder_that_is_no_model_is_told_in_a_line(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "config.json").write_text(content)
    with pytest.raises(ModelError, match="language model that transformers loads") as caught:
        LocalModel(str(tmp_path))
    assert "\n" not in str(caught.value)


def test_of_several_gguf_files_one_must_be_named(tmp_path: Path) -> None:
    for name in ("a.gguf", "b.gguf"):
        (tmp_path / name).write_bytes(b"GGUF")
    with pytest.raises(ModelError, match=r"found a\.gguf, b\.gguf; name one"):
        LocalModel(str(tmp_path))


def test_its_answers_are_kept_until_its_files_change(folder: Path, tmp_path: Path) -> None:
    settings = read_settings(f"llm:{folder}", options={"cache": str(tmp_path)}, environment={})
    first = open_language_model(settings, device="cpu").complete(ask())
    again = open_language_model(settings, device="cpu").complete(ask())
    assert (first.text, first.cached, again.cached) == (again.text, False, True)
    os.utime(folder / "config.json", (1, 1))
    assert not open_language_model(settings, device="cpu").complete(ask()).cached


@pytest.mark.slow
def test_a_real_small_model_goes_on_from_a_text_and_keeps_to_a_schema() -> None:
    if not GGUF.is_dir():
        pytest.skip("no small language model is at hand; `make test-all` gets one")
    model = LocalModel(str(GGUF), device="cpu", logprobs=True)
    reply = model.complete(Request((Message("user", "Paris is the capital of"),), Sampling(max_tokens=8)))
    assert reply.completion_tokens and reply.logprobs and reply.text.strip()
    held = model.complete(ask("Which types are there?", most=120, schema=SCHEMA))
    jsonschema.validate(json.loads(held.text), SCHEMA)
