"""Ingestion: from a file of any kind to an article with its body apart from its furniture."""

from oped.ingest.read import DEFAULT_MAX_CHARACTERS, article_from_html, article_from_text, read_article

__all__ = ["DEFAULT_MAX_CHARACTERS", "article_from_html", "article_from_text", "read_article"]
