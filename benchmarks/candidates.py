"""How many of the pairs that readers named are among those that oped compare judges; see README.md."""

import argparse
import json
from pathlib import Path

from oped.compare.candidates import NEIGHBOURS, nearest
from oped.formats.registry import read_corpus
from oped.neural.folder import ModelFolder
from oped.numeric import Floats

Place = tuple[str, int, int]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, default=Path("corpora/opinions"))
    parser.add_argument("--split", default="dev")
    parser.add_argument("--model", default="en_opinion_sm")
    parser.add_argument(
        "--encoder", type=Path, help="a bare sentence encoder's folder, in place of the model's matcher"
    )
    parser.add_argument("--neighbours", type=int, nargs="+", default=[NEIGHBOURS, 10, 20])
    chosen = parser.parse_args()
    maps = list(read_corpus(chosen.corpus / f"{chosen.split}.jsonl", "oped"))
    places = [(amap.article.id, part.start, part.end) for amap in maps for part in amap.components]
    homes = [{article} for article in _numbers(places)]
    texts = [part.text for amap in maps for part in amap.components]
    vectors, least = _bare(chosen.encoder, texts) if chosen.encoder else _embedded(chosen.model, texts)
    gold = _gold(chosen.corpus / "pairs-read.jsonl", chosen.split, {place: at for at, place in enumerate(places)})
    for count in chosen.neighbours:
        found = set(nearest(vectors, homes, least=least, count=count))
        shares = (f"{label} {len(pairs & found) / len(pairs):.2f} of {len(pairs)}" for label, pairs in gold.items())
        print(f"{count} neighbours of {len(places)} statements, {len(found)} pairs: {', '.join(shares)}")


def _embedded(model: str, texts: list[str]) -> tuple[Floats, float]:
    matcher = ModelFolder.find(model).open_matcher()
    return matcher.embed(texts), matcher.thresholds.cosine


def _bare(folder: Path, texts: list[str]) -> tuple[Floats, float]:
    from oped.neural.encoder import load_encoder
    from oped.neural.matcher.network import matcher_over
    from oped.neural.matcher.torch_matcher import embed_texts

    encoder = load_encoder(str(folder))
    return embed_texts(matcher_over(encoder).eval(), encoder.tokenizer, texts), 0.0


def _numbers(places: list[Place]) -> list[int]:
    known: dict[str, int] = {}
    return [known.setdefault(article, len(known)) for article, _, _ in places]


def _gold(path: Path, split: str, at: dict[Place, int]) -> dict[str, set[tuple[int, int]]]:
    result: dict[str, set[tuple[int, int]]] = {"same": set(), "opposed": set()}
    with open(path, encoding="utf-8") as stream:
        for row in map(json.loads, stream):
            if row["split"] == split and row["label"] in result:
                one, two = sorted(at[row[side]["article"], row[side]["start"], row[side]["end"]] for side in ("a", "b"))
                result[row["label"]].add((one, two))
    return result


if __name__ == "__main__":
    main()
