"""The entity recognizer: names in an article, from the states of its words."""
