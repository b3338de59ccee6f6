"""A language model that answers from a list, and articles to ask it about."""

from collections.abc import Iterable
from threading import Lock

from oped.errors import EndpointError
from oped.llm.model import Reply, Request
from oped.records import Article

TEXT = (
    "When the town listed its savings, hardly anyone spoke.\n\n"
    "The night bus should stay. It carries 900 people a week, according to the operator, and most of them start before six. "
    "Without it they will have to give up the job.\n\n"
    "True, the line loses money. But every public service does."
)
ARTICLE = Article("bus", TEXT, "Keep the bus", ("Maren Oduya",))
GOOD = (
    "1|M|2|The night bus should stay|||\n"
    "2|P|2|It carries 900 people a week||the operator|+1\n"
    "3|P|2|most of them start before six|||+1\n"
    "4|C|2|Without it they will … give up the job|r||+1\n"
    "5|C|3|the line loses money|||-1\n"
    "6|C|3|every public service does|||-5"
)


class Scripted:
    """Answers each request with the next text of a list, or with the text that belongs to the number of the reading."""

    def __init__(self, *answers: str | Reply, by_number: bool = False, window: int | None = None) -> None:
        self.answers, self.by_number, self.window = list(answers), by_number, window
        self.name = "scripted"
        self.asked: list[Request] = []
        self._lock = Lock()

    def complete(self, request: Request) -> Reply:
        with self._lock:
            self.asked.append(request)
            place = request.sampling.number if self.by_number else len(self.asked) - 1
        if place >= len(self.answers):
            raise EndpointError("expected an answer, the list is at its end")
        answer = self.answers[place]
        return answer if isinstance(answer, Reply) else Reply(text=answer, prompt_tokens=100, completion_tokens=10)


def said(requests: Iterable[Request]) -> list[str]:
    """The last thing that each request says."""
    return [request.messages[-1].content for request in requests]
