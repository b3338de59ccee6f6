"""A reader: one article and one prompt, and everything between them that needs no model: requests, drafts, corrections."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from oped.llm.answer import Answer
from oped.llm.chances import token_chances
from oped.llm.draft import Draft, draft_of, settle
from oped.llm.model import Message, Reply, Request, Sampling
from oped.llm.paragraphs import paragraphs_of
from oped.llm.parts import Part, carried, merged, plan_parts, renumbered, tokens_of
from oped.llm.prompt import Prompt
from oped.records import Article

EMPTY = Draft(nothing=True)
LEAST_ANSWER = 256  # tokens


@dataclass(frozen=True)
class Reader:
    """Reads one article.

    Attributes:
        window: tokens that the model holds; None: more than any article has.
        max_tokens: that an answer may have.
    """

    article: Article
    prompt: Prompt
    window: int | None = None
    max_tokens: int = 8192

    def parts(self) -> tuple[Part, ...]:
        """The parts that the article goes to the model in; none where it has no words."""
        paragraphs = paragraphs_of(self.article.text)
        around = tokens_of(self.prompt.instructions) + 300
        return plan_parts(paragraphs, window=self.window, prompt_tokens=around, answer_tokens=self.max_tokens)

    def request(self, part: Part, sampling: Sampling, *, before: Draft = EMPTY) -> Request:
        """What the model is asked about a part.

        Args:
            before: what was found in the parts before it.
        """
        whole = part.paragraphs[0].number == part.begin == 1
        types = [label.name for label in self.prompt.scheme.components]
        messages = self.prompt.messages(
            self.article,
            part.paragraphs,
            carried=carried(before.components, types),
            first=next_number(before),
            begin=None if whole else part.begin,
        )
        return self._asking(messages, sampling)

    def draft(self, part: Part, reply: Reply, *, before: Draft = EMPTY) -> Draft:
        """What a reply says of a part."""
        answer = self.prompt.read(reply.text, cut=reply.truncated)
        return self._draft(part, answer, before, token_chances(reply, answer.lines))

    def correction(self, request: Request, reply: Reply, draft: Draft) -> Request | None:
        """The request that lists what is wrong in a reply; None where nothing is."""
        if not draft.faults:
            return None
        return self._asking(self.prompt.correction(request.messages, reply.text, draft.faults), request.sampling)

    def corrected(self, part: Part, reply: Reply, correction: Reply, *, before: Draft = EMPTY) -> Draft:
        """What a reply says of a part, with a correction to it."""
        answer = self.prompt.read(reply.text, cut=reply.truncated)
        put_right = self.prompt.read(correction.text, cut=correction.truncated)
        chances = token_chances(reply, answer.lines)
        for number in put_right.relinked:
            chances[number] = {name: chance for name, chance in chances.get(number, {}).items() if name != "relation"}
        chances |= {line.number: {} for line in put_right.lines} | token_chances(correction, put_right.lines)
        return self._draft(part, answer.amended(put_right), before, chances)

    def decision(self, request: Request, drafts: Sequence[Draft]) -> Request:
        """The request to decide between drafts of the whole article."""
        answers = [self.prompt.write([part.as_line() for part in draft.components]) for draft in drafts]
        return self._asking(self.prompt.decision(request.messages, answers), replace(request.sampling, temperature=0.0))

    def joined(self, before: Draft, draft: Draft) -> Draft:
        """The draft of a part together with those of the parts before it."""
        if before is EMPTY:
            return draft
        outside = [part.number for part in before.components]
        return merged(before, renumbered(draft, next_number(before), outside))

    def settled(self, draft: Draft) -> Draft:
        """The draft of the whole article as it is to stand."""
        return settle(draft, self.prompt.scheme)

    def _asking(self, messages: Sequence[Message], sampling: Sampling) -> Request:
        if self.window is not None:
            room = self.window - sum(tokens_of(message.content) for message in messages)
            sampling = replace(sampling, max_tokens=max(LEAST_ANSWER, min(sampling.max_tokens, room)))
        return Request(tuple(messages), sampling, self.prompt.schema)

    def _draft(self, part: Part, answer: Answer, before: Draft, chances: Mapping[int, Mapping[str, float]]) -> Draft:
        outside = [component.number for component in before.components]
        return draft_of(
            self.article.text, part.paragraphs, answer, self.prompt.scheme, outside=outside, chances=chances
        )


def next_number(draft: Draft) -> int:
    """The number that follows all those of a draft."""
    return 1 + max((part.number for part in draft.components), default=0)
