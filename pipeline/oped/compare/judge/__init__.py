"""A language model as the judge of a comparison: which statements make one point, contradict each other, take whose side."""
