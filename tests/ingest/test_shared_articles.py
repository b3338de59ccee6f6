"""On the real articles, where they are at hand."""

import json
from pathlib import Path

from oped.ingest import article_from_html, read_article


def test_the_reference_article(shared: Path) -> None:
    article = read_article(shared / "articles" / "kazakhstan-afghanistan.md")
    assert article.title == "Opinion – Kazakhstan’s Aspirations for Afghanistan Post-US Withdrawal"
    assert article.authors == ("Pierre-Olivier Bussières",)
    assert article.published == "2023-08-04"
    assert article.url and article.url.startswith("https://www.e-ir.info/2023/08/04/")
    assert not any(
        part in article.text
        for part in ("auto-generated", "Written by", "About the author", "is a lecturer", "Post-US Withdrawal")
    )
    assert article.text.startswith("The situation in Afghanistan")
    assert article.text.endswith("South Asia.")
    assert all(part.rstrip().endswith((".", "”")) for part in article.text.split("\n\n"))


def test_the_global_voices_articles(shared: Path) -> None:
    rows = [
        json.loads(line)
        for line in (shared / "articles" / "globalvoices.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    assert len(rows) == 129
    for row in rows:
        article = article_from_html(
            row["html"],
            id=row["id"],
            title=row["title"],
            authors=(row["author"],),
            published=row["date"],
            url=row["url"],
        )
        assert article.authors == (row["author"],)
        assert article.published is not None and article.published[:4] == row["date"][-4:]
        assert len(article.text.split()) > 250
        lowered = article.text.lower()
        assert "subscribe to our" not in lowered and "newsletter" not in lowered.split("\n\n")[-1]
        assert not any(
            part.startswith(("Photo by", "Image by", "Screenshot of", "Screenshot from", "Read more:"))
            for part in article.text.split("\n\n")
        )
