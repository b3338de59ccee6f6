"""Comparison of authors over many maps: what they share, contest and fear."""
