"""oped as spaCy components."""
