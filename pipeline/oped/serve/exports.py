"""What can be taken out of the library: the chosen maps in one file, in any format of maps."""

import json
import re
import shutil
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from oped.errors import ConfigError, FormatError
from oped.formats.format import Format
from oped.formats.registry import FORMATS
from oped.records import ArgumentMap

JSONL, ZIP = "jsonl", "zip"
_FIRST = ("parquet", "csv")  # what most people want of the formats of maps
_WRITABLE = sorted(
    (item.name for item in FORMATS.values() if item.write and item.name != "oped"),
    key=lambda name: (name not in _FIRST, name != _FIRST[0], name),
)
_ENDINGS = {"label-studio": ".json", "aae2-conll": ".dat"}  # of formats that no ending belongs to
EXPORTS = (JSONL, ZIP, *_WRITABLE)
SUMMARIES = {
    JSONL: "maps in one file (JSONL)",
    ZIP: "a file for each map (JSON, zipped)",
    **{name: FORMATS[name].summary for name in _WRITABLE},
}


def export(maps: Mapping[str, Mapping[str, Any]], format: str, folder: Path) -> Path:
    """Write maps to one file; what a format writes as several files is zipped.

    Args:
        maps: as JSON data, by their ids in the library.
        format: one of `EXPORTS`.
        folder: where to write.

    Returns:
        The file.

    Raises:
        ConfigError: a format that keeps articles apart by their ids, and two maps of one article.
        OpedError: the format can't hold them.
    """
    if format == JSONL:
        path = folder / "maps.jsonl"
        lines = (json.dumps(amap, ensure_ascii=False) + "\n" for amap in maps.values())
        path.write_text("".join(lines), encoding="utf-8", newline="\n")
        return path
    if format == ZIP:
        return _zipped_maps(maps, folder / "maps.zip")
    return _written(list(maps.values()), format, folder)


def _zipped_maps(maps: Mapping[str, Mapping[str, Any]], path: Path) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for entry, amap in maps.items():
            title = re.sub(r"\W+", "-", amap["article"]["title"] or "", flags=re.ASCII).strip("-")[:60]
            name = "-".join(filter(None, [title, entry]))
            archive.writestr(f"maps/{name}.json", json.dumps(amap, ensure_ascii=False, indent=1) + "\n")
    return path


def _written(maps: Sequence[Mapping[str, Any]], format: str, folder: Path) -> Path:
    names = [amap["article"]["id"] for amap in maps]
    if len(set(names)) < len(names):
        raise ConfigError(
            f"two of the chosen maps are of one article, which {format} can't tell apart: choose one of them"
        )
    path = _write(list(map(ArgumentMap.from_dict, maps)), FORMATS[format], folder)
    return Path(shutil.make_archive(str(folder / f"maps-{format}"), "zip", path)) if path.is_dir() else path


def _write(maps: list[ArgumentMap], format: Format, folder: Path) -> Path:
    """The file or folder that a format makes of some maps; where a file of it holds one map alone, a folder of files."""
    assert format.write is not None
    ending = format.suffixes[0] if format.suffixes else _ENDINGS.get(format.name, "")
    path = folder / f"maps{ending}"
    if len(maps) == 1 and format.suffixes:
        format.write(maps, path)
        return path
    try:
        format.write(maps, folder / "maps")
    except FormatError:
        if not format.suffixes:
            raise
        (folder / "files").mkdir()
        for number, amap in enumerate(maps, start=1):
            format.write([amap], folder / "files" / f"{number:03}{ending}")
        return folder / "files"
    return folder / "maps" if (folder / "maps").is_dir() else (folder / "maps").rename(path)


def new_folder() -> Path:
    """A folder of one export's own; whoever sends the file away removes it."""
    return Path(tempfile.mkdtemp(prefix="oped-export-"))
