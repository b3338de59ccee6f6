"""Training a parser on annotated corpora."""
