"""Entities: which mentions of an article name the same one, and whose view a component is."""
