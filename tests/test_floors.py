"""Arrows between the rooms of the code point one way: each room imports only from rooms below it."""

import ast
from collections.abc import Iterator
from pathlib import Path

import oped

PACKAGE = Path(oped.__file__).parent
FLOORS = (
    {"errors", "progress", "numeric", "quotations"},
    {"apart", "fields", "files", "headings", "locking", "resources", "words"},
    {"records"},
    {"ingest", "render"},
    {"documents"},
    {"formats"},
    {"metrics", "parsing"},
    {"training"},
    {"neural", "llm"},
    {"parsers"},
    {"language", "evaluation", "compare"},
    {"api"},
    {"batch", "packaging"},
    {"suggest", "serve"},
    {"commands"},
    {"__main__", "__init__"},
)


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def floor_of(room: str) -> int:
    return next(number for number, rooms in enumerate(FLOORS) if room in rooms)


def imports(path: Path) -> Iterator[str]:
    """Rooms of oped's that a module imports, wherever in it; what types alone need counts too."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            names = [node.module or ""] if node.module != "oped" else [f"oped.{alias.name}" for alias in node.names]
        for name in names:
            if (name.startswith("oped.") and (PACKAGE / name.split(".")[1]).with_suffix(".py").is_file()) or (
                name.startswith("oped.") and (PACKAGE / name.split(".")[1]).is_dir()
            ):
                yield name.split(".")[1]


def edges() -> Iterator[tuple[str, str, Path]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        for room in set(imports(path)):
            if room != room_of(path):
                yield room_of(path), room, path


def test_every_room_has_a_floor() -> None:
    rooms = {room_of(path) for path in PACKAGE.rglob("*.py")}
    assert rooms <= set().union(*FLOORS)


def test_rooms_import_from_rooms_below_them() -> None:
    wrong = [
        f"{path.relative_to(PACKAGE)}: {upper} imports {lower}"
        for upper, lower, path in edges()
        if floor_of(lower) >= floor_of(upper)
    ]
    assert not wrong, "\n".join(wrong)


def test_modules_of_a_room_are_no_circle() -> None:
    known = {module_name(path): path for path in PACKAGE.rglob("*.py")}
    wanted = {name: {other for other in module_imports(path) if other in known} for name, path in known.items()}
    done: set[str] = set()

    def visit(name: str, trail: tuple[str, ...]) -> None:
        assert name not in trail, " -> ".join((*trail[trail.index(name) :], name))
        if name not in done:
            for other in sorted(wanted[name]):
                visit(other, (*trail, name))
            done.add(name)

    for name in sorted(known):
        visit(name, ())


def module_name(path: Path) -> str:
    parts = ("oped", *path.relative_to(PACKAGE).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def module_imports(path: Path) -> Iterator[str]:
    """Modules that a module imports when it is itself imported."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
