"""From an article to its argument map: the protocol of an argument parser, and what all parsers share."""
