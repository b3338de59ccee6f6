"""A language model as argument parser: prompt, answer, grounding, votes, and the ways to reach the model."""
