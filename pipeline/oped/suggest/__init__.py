"""Active learning: which articles to annotate next, and a first annotation of them."""
