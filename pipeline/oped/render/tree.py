"""A map as trees for the terminal: each claim with what supports and attacks it below.

A component's own words come first; where there is a gist, it stands on a line of its own under them.
"""

from collections.abc import Iterator

from rich.console import Console, Group
from rich.text import Text
from rich.tree import Tree

from oped.records import ArgumentMap, Component
from oped.render.forest import grow_forest

_STYLES = {"major_claim": "bold cyan", "claim": "cyan", "premise": "green"}
_SIGNS = {"support": ("+", "green"), "attack": ("-", "red")}


def tree_of(amap: ArgumentMap) -> Group:
    """The map as rich trees, one for each component that bears on no other."""
    return Group(*_head(amap), *_trees(amap))


def print_tree(amap: ArgumentMap, console: Console) -> None:
    """Print the map."""
    console.print(tree_of(amap))


def _head(amap: ArgumentMap) -> Iterator[Text]:
    article = amap.article
    yield Text(article.title or article.id, style="bold")
    if line := " · ".join([*article.authors, *filter(None, [article.published, article.url])]):
        yield Text(line, style="dim")
    risks = sum(bool(part.risk) for part in amap.components)
    names = {entity.name for entity in amap.entities}
    yield Text(
        f"{len(amap.components)} components, {len(amap.relations)} relations, {risks} risks, {len(names)} entities",
        style="dim",
    )
    yield Text()


def _trees(amap: ArgumentMap) -> Iterator[Tree]:
    forest = grow_forest(amap)
    parts = {part.id: part for part in amap.components}
    for root in forest.roots:
        trees: dict[str, Tree] = {}
        for name, _ in forest.below(root):
            link = forest.parent.get(name)
            if link is None:
                trees[name] = Tree(_label(parts[name]), guide_style="dim")
            else:
                sign, style = _SIGNS.get(link.type, (link.type, "yellow"))
                label = Text.assemble((f"{sign} ", f"bold {style}"), _label(parts[name]))
                trees[name] = trees[link.target].add(label)
        yield trees[root]


def _label(part: Component) -> Text:
    text = Text.assemble((part.type.replace("_", " "), _STYLES.get(part.type, "magenta")), " ")
    if part.risk:
        text.append("⚠ risk ", style="bold yellow")
    text.append(" ".join(part.text.split()))
    if part.attribution and part.attribution.holder == "other":
        text.append(f" [{part.attribution.name or 'another'}]", style="italic dim")
    text.append(f" {part.probability:.2f}", style="dim")
    if part.gist:
        text.append(f"\n= {' '.join(part.gist.split())}", style="italic")
    return text
