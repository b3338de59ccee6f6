"""The field's published metrics, each a count per document, so that they add up and can be resampled."""
