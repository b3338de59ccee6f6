"""Whether two statements make the same point, oppose each other, or have nothing to do with one another."""
