"""How sure a relation or component must be to be shown: below these bounds it is hidden until a reader asks for it."""

from dataclasses import dataclass

from oped.records import ArgumentMap

RELATION_BOUND = 0.1
COMPONENT_BOUND = 0.0


@dataclass(frozen=True, slots=True)
class Certainty:
    """Probabilities below which what a model found is hidden.

    Attributes:
        relations: bound for relations.
        components: bound for components.
    """

    relations: float = RELATION_BOUND
    components: float = COMPONENT_BOUND

    @property
    def in_words(self) -> str:
        """How seldom a relation below the bound is right."""
        return f"once in {round(1 / self.relations)} times" if 0 < self.relations <= 0.5 else "they are wrong"

    def left_out(self, amap: ArgumentMap) -> str | None:
        """How many relations of a map are hidden, in words; None where there are none."""
        count = sum(link.probability < self.relations for link in amap.relations)
        if not count:
            return None
        return f"{count} {'link that is' if count == 1 else 'links that are'} less than {100 * self.relations:.0f} % sure {'is' if count == 1 else 'are'} left out."


DEFAULT_CERTAINTY = Certainty()
