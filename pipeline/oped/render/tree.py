"""A map as trees for the terminal: each claim with what supports and attacks it below.

A component's own words come first; where there is a gist, it stands on a line of its own under them.
"""

from collections.abc import Iterator

from rich.console import Console, Group
from rich.text import Text
from rich.tree import Tree

from oped.records import ArgumentMap, Component

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


def _trees(amap: ArgumentMap) -> Iterator[Tree | Text]:
    by_id = {part.id: part for part in amap.components}
    sources = {link.source for link in amap.relations}
    seen: set[str] = set()
    roots = [part for part in amap.components if part.id not in sources]
    children: dict[str, list[tuple[str, str]]] = {}
    for link in amap.relations:
        children.setdefault(link.target, []).append((link.source, link.type))
    for part in sorted(roots, key=lambda part: (part.type != "major_claim", -_size(part.id, children), part.start)):
        tree = Tree(_label(part), guide_style="dim")
        _grow(tree, part.id, children, by_id, seen)
        yield tree


def _size(name: str, children: dict[str, list[tuple[str, str]]]) -> int:
    """How many components bear on one, directly or not."""
    seen, waiting = {name}, [name]
    while waiting:
        fresh = [source for source, _ in children.get(waiting.pop(), []) if source not in seen]
        seen.update(fresh)
        waiting += fresh
    return len(seen)


def _grow(
    tree: Tree, name: str, children: dict[str, list[tuple[str, str]]], by_id: dict[str, Component], seen: set[str]
) -> None:
    waiting = [(tree, name)]
    while waiting:
        branch, target = waiting.pop()
        for source, kind in children.get(target, []):
            if source in seen:
                continue
            seen.add(source)
            sign, style = _SIGNS.get(kind, (kind, "yellow"))
            label = Text.assemble((f"{sign} ", f"bold {style}"), _label(by_id[source]))
            waiting.append((branch.add(label), source))


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
