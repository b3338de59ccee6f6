"""The library: searches and orders, corrections beside the machine's map, and files that older versions made."""

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from oped.records import ArgumentMap
from oped.serve.library import Library
from oped.serve.searching import Wanted


def others(amap: ArgumentMap) -> list[ArgumentMap]:
    """Three articles: one with a thesis and a risk, one without a thesis, one without anything."""
    article = amap.article
    plain = replace(article, id="a2", title="Älteres", authors=("Émile Zola", "Bo"), published="2020-01-01")
    bare = replace(article, id="a3", title=None, authors=(), published=None)
    return [
        amap,
        amap.replace(article=plain, components=amap.components[1:], relations=amap.relations[1:]),
        amap.replace(article=bare, components=(), relations=()),
    ]


@pytest.fixture
def library(tmp_path: Path, article_map: ArgumentMap) -> Iterator[Library]:
    library = Library(tmp_path / "l.sqlite")
    library.take_in(others(article_map))
    yield library
    library.close()


def found(library: Library, **wanted: str) -> list[str | None]:
    return [entry.title for entry in library.search(Wanted(**wanted))]


def test_an_entry_tells_thesis_and_risks(library: Library) -> None:
    bare, old, quay = library.search()
    assert (quay.thesis, quay.risks, quay.corrected) == ("The quay must be closed", 1, False)
    assert (old.thesis, old.risks) == (None, 1) and (bare.thesis, bare.risks) == (None, 0)


def test_searches(library: Library) -> None:
    assert found(library, words="QUAY closed älteres") == ["Älteres"]
    assert found(library, author="émile") == ["Älteres"] and found(library, author="oduya") == ["On the quay"]
    assert found(library, warns="piles fail") == ["Älteres", "On the quay"] and found(library, warns="crack") == []
    assert found(library, thesis="found") == ["On the quay"] and found(library, thesis="none") == [None, "Älteres"]
    assert found(library, risks="none") == [None] and found(library, risks="some", author="bo") == ["Älteres"]
    assert found(library, status="queued") == [] and library.count(Wanted(thesis="none")) == 2
    assert library.authors() == ["Bo", "Maren Oduya", "Émile Zola"]


def test_orders(library: Library) -> None:
    assert found(library) == [None, "Älteres", "On the quay"]
    assert found(library, sort="oldest") == ["On the quay", "Älteres", None]
    assert found(library, sort="title") == [None, "On the quay", "Älteres"], "by its name where there is no title"
    assert found(library, sort="author") == ["On the quay", "Älteres", None], "without an author last"
    assert found(library, sort="date") == ["On the quay", "Älteres", None]
    assert found(library, sort="risks")[-1] is None


def test_a_correction_is_kept_beside_the_machines_map(library: Library, article_map: ArgumentMap) -> None:
    entry = library.search(Wanted(thesis="found"))[0].id
    corrected = article_map.replace(components=article_map.components[1:], relations=article_map.relations[1:])
    edition = library.edition(entry)
    assert library.revise(entry, corrected.to_dict(), edition=edition)
    assert not library.revise(entry, article_map.to_dict(), edition=edition), "somebody else was quicker"
    assert library.map(entry) == corrected.to_dict() and library.machine_map(entry) == article_map.to_dict()
    state = library.entry(entry)
    assert state is not None and state.corrected and state.thesis is None
    assert library.revise(entry, corrected.to_dict()) and library.machine_map(entry) == article_map.to_dict()
    assert library.restore(entry) and not library.restore(entry)
    assert library.map(entry) == article_map.to_dict() and library.edition(entry) == edition
    state = library.entry(entry)
    assert state is not None and not state.corrected and state.thesis == "The quay must be closed"


def test_a_corrected_map_is_not_taken_in_again(library: Library, article_map: ArgumentMap) -> None:
    entry = library.search(Wanted(thesis="found"))[0].id
    library.revise(entry, article_map.replace(relations=()).to_dict())
    assert library.take_in([article_map]) == 0
    kept = library.map(entry)
    assert kept is not None and kept["relations"] == []


def test_an_older_library_is_brought_up_to_date(tmp_path: Path, article_map: ArgumentMap) -> None:
    path = tmp_path / "old.sqlite"
    library = Library(path)
    library.take_in([article_map])
    library.close()
    base = sqlite3.connect(path)
    for column in ("thesis", "risks", "fears", "machine"):
        base.execute(f"ALTER TABLE articles DROP COLUMN {column}")
    base.commit()
    base.close()
    library = Library(path)
    (entry,) = library.search(Wanted(warns="piles"))
    assert (entry.thesis, entry.risks, entry.corrected) == ("The quay must be closed", 1, False)
    library.close()


def test_how_many_come_before_one_that_waits(tmp_path: Path) -> None:
    library = Library(tmp_path / "l.sqlite")
    first, second = library.add("one", row={"text": "a"}), library.add("two", row={"text": "b"})
    assert (library.waiting_before(first), library.waiting_before(second)) == (0, 1)
    library.close()
