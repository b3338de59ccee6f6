"""The stance detector: whether a statement is for or against an entity that it names."""
