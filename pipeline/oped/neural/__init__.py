"""The trained model: its folder, its encoder, and its parts (parser, entities, matcher, stances)."""
