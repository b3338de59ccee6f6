from tests.training.conftest import tiny_corpus, tiny_encoder

__all__ = ["tiny_corpus", "tiny_encoder"]
