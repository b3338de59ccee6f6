"""The entity recognizer as a torch module, over the states of an article's words."""

from torch import Tensor, nn
from torch.nn import functional

from oped.neural.entities.recognizer import SHAPES, TAGS


class EntityNetwork(nn.Module):
    """Two convolutions over three words and a linear layer; `EntityRecognizer` computes the same without torch."""

    def __init__(self, width: int, hidden: int, dropout: float) -> None:
        super().__init__()
        self.dropout = nn.Dropout(dropout)
        self.window = nn.Conv1d(width + SHAPES, hidden, kernel_size=3, padding=1)
        self.second = nn.Conv1d(hidden, hidden, kernel_size=3, padding=1)
        self.tags = nn.Linear(hidden, len(TAGS))

    def forward(self, inputs: Tensor) -> Tensor:
        """*Shape:* (words, width + SHAPES) -> (words, tags)"""
        hidden = functional.relu(self.window(self.dropout(inputs).T[None]))
        hidden = hidden + functional.relu(self.second(self.dropout(hidden)))
        scores: Tensor = self.tags(self.dropout(hidden[0].T))
        return scores
