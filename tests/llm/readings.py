"""Answers of a good reader to the articles of `tests.batch.conftest.text_of`, for a service on loopback to give."""

import re

from tests.llm.service import Body

LINES = (
    "1|M|1|The council should keep the {topic} open||author|",
    "2|P|1|Every third family … used it last year||the Coastal Institute|+1",
    "3|C|1|Without the {topic} … its last shop|r|author|+1",
    "4|C|2|the {topic} costs too much||Critics|-1",
    "5|C|2|the repairs were paid for in May||author|-4",
)
GISTS = ("Keep the {topic}.", "A third of Hallen's families use the {topic}.", "The lower town could lose its last shop.",
         "The {topic} is too dear, critics say.", "The repairs of the {topic} are paid for.")  # fmt: skip


def topic_in(body: Body) -> str:
    """What the article in a request is about."""
    found = re.search(r"should keep the ([\w ]+) open", body["messages"][1]["content"])
    assert found is not None
    return found[1]


def lines_for(topic: str, *, gist: bool = False) -> str:
    """The whole answer to an article."""
    ends = [f"|{text}" for text in GISTS] if gist else [""] * len(LINES)
    return "\n".join(line + end for line, end in zip(LINES, ends, strict=True)).format(topic=topic)


def reading(body: Body) -> str:
    """The answer to a request, with gists where it asks for them."""
    return lines_for(topic_in(body), gist="GIST" in body["messages"][0]["content"])
