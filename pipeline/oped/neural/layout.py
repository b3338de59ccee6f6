"""The layout of a model folder: its parts and their files."""

from dataclasses import dataclass

CONFIG_FILE = "config.json"
TOKENIZER_FILE = "tokenizer.json"
WEIGHTS_FILE = "model.safetensors"
ENCODER_FILE = "encoder.onnx"
INT8_FILE = "encoder.int8.onnx"
HEADS_FILE = "heads.onnx"
ENTITIES_FILE = "entities.safetensors"
STANCE_CONFIG_FILE, STANCE_FILE, STANCE_WEIGHTS_FILE = "stances.json", "stances.onnx", "stances.safetensors"
MATCHER_FOLDER = "matcher"
EMBED_FILE, JUDGE_FILE, JUDGE_INT8_FILE, RARITY_FILE = (
    "embed.onnx",
    "judge.onnx",
    "judge.int8.onnx",
    "rarity.safetensors",
)
CARD_FILE = "README.md"
PARTS_FILE = "parts.json"
# Of a parser whose encoder is not shipped with it; see oped.neural.parser.adapted.
ADAPTERS_FILE, ADAPTERS_WEIGHTS_FILE = "adapters.json", "adapters.safetensors"


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a model.

    Attributes:
        files: that it consists of, by their names in the model folder; the first tells whether the part is there.
        maps: whether the map of an article depends on it.
        optional: files that it may have besides.
        trained: those of its files that can't be made of the others and the encoder: all that the small form of a model holds
            of it; none: a small form does without the part.
    """

    name: str
    files: tuple[str, ...]
    maps: bool
    optional: tuple[str, ...] = ()
    trained: tuple[str, ...] = ()


def _of_matcher(*names: str) -> tuple[str, ...]:
    return tuple(f"{MATCHER_FOLDER}/{name}" for name in names)


PARSER, INT8, ENTITIES, MATCHER, STANCES = "parser", "int8", "entities", "matcher", "stances"
PARTS = {
    part.name: part
    for part in (
        Part(PARSER, (CONFIG_FILE, TOKENIZER_FILE, WEIGHTS_FILE, ENCODER_FILE, HEADS_FILE), maps=True),
        Part(INT8, (INT8_FILE,), maps=True),
        Part(ENTITIES, (ENTITIES_FILE,), maps=True, trained=(ENTITIES_FILE,)),
        Part(
            MATCHER,
            _of_matcher(CONFIG_FILE, EMBED_FILE, JUDGE_FILE, WEIGHTS_FILE, RARITY_FILE),
            maps=False,
            optional=_of_matcher(JUDGE_INT8_FILE),
            trained=_of_matcher(CONFIG_FILE, WEIGHTS_FILE, RARITY_FILE),
        ),
        Part(STANCES, (STANCE_CONFIG_FILE, STANCE_FILE, STANCE_WEIGHTS_FILE), maps=False),
    )
}
SMALL_PARTS = tuple(
    part.name for part in PARTS.values() if part.trained
)  # that a small form may have beside the parser
