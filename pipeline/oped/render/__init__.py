"""Pictures of a map: a page, a tree for the terminal, a graph."""
