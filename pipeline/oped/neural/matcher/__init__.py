"""The matcher: whether two statements make one point or oppose each other."""
