"""A language model as the judge of a comparison: it is shown the statements block by block, and says what they are to each other.

Blocks that overlap are united, and what has no statement in common is joined by showing the points themselves. Each answer is
checked, and what is wrong in it goes back once.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from oped.compare.judge import verdict
from oped.compare.judge.answer import read_answer
from oped.compare.judge.blocks import Family, Plan, plan_blocks
from oped.compare.judge.joining import Round, round_of
from oped.compare.judge.prompt import correction_of, request_of, tokens_around, version
from oped.compare.judge.reading import Against, Reading, reading_of
from oped.compare.judge.sheet import Sheet
from oped.compare.judge.union import Found, joined, united
from oped.compare.judgement import Judgement, Report
from oped.compare.statements import Collection
from oped.errors import BudgetError, EndpointError, StoreError, UnansweredError, UnusableError
from oped.llm.model import LanguageModel, Request, Sampling
from oped.llm.parser import Spent
from oped.neural.stances.runtime import LIKELY
from oped.records import ModelInfo

LEAST_ROOM = 500  # tokens of statements


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeOptions:
    """How a language model is asked to judge.

    Attributes:
        room: tokens of statements that one request holds at most.
        temperature: 0 takes the likeliest answer.
        max_tokens: that an answer may have.
        correct: whether what is wrong in an answer goes back once.
        rounds: of joining points, at most.
    """

    room: int = 12_000
    temperature: float = 0.0
    max_tokens: int = 8192
    correct: bool = True
    rounds: int = 6


@dataclass(slots=True)
class _Course:
    """What has been asked so far."""

    spent: Spent = field(default_factory=Spent)
    blocks: int = 0
    lines: int = 0
    kept: int = 0
    errors: list[EndpointError] = field(default_factory=list)


class LanguageModelJudge:
    """Judges the statements of a comparison by a language model; an `oped.compare.judgement.Assessor`.

    Args:
        language_model: answers the requests.
        concurrency: requests that may be on their way at once.
    """

    def __init__(
        self, language_model: LanguageModel, *, options: JudgeOptions | None = None, concurrency: int = 8
    ) -> None:
        self.language_model = language_model
        self.options = options or JudgeOptions()
        self.concurrency = concurrency

    @property
    def model(self) -> ModelInfo:
        """The language model's name, and the prompt's version."""
        return ModelInfo(f"llm:{self.language_model.name}", version())

    def requests_of(self, collection: Collection) -> list[Request]:
        """What is asked at first; where a question takes several requests, one for about ten of them joins their points later."""
        return [request_of(sheet, self._sampling) for sheet in self._plan(collection).sheets]

    def assess(self, collection: Collection, *, report: Report | None = None) -> Judgement:
        """Judge all statements.

        Args:
            report: is called with the requests done and those known of.

        Raises:
            BudgetError: the bound on tokens is reached; what was answered is kept, so that a second call goes on.
            StoreError: an answer can't be kept.
            EndpointError: nothing that was asked has an answer.
        """
        plan, course = self._plan(collection), _Course()
        readings = iter(self._all_read(plan.sheets, course, report))
        families = [[(sheet, next(readings)) for sheet in family.sheets] for family in plan.families]
        if course.errors and len(course.errors) == len(plan.sheets):
            raise course.errors[0]
        found = [self._united(family, collection) for family in families]
        self._join(found, plan.families, families, collection, course, report)
        return self._judgement(collection, plan, found, course)

    def _plan(self, collection: Collection) -> Plan:
        return plan_blocks(collection, room=self._room(of_points=False))

    def _room(self, *, of_points: bool) -> int:
        """Tokens of statements in one request: what the options allow, and the model's window, which holds the answer too."""
        window = self.language_model.window
        if window is None:
            return self.options.room
        return max(LEAST_ROOM, min(self.options.room, int((window - tokens_around(of_points)) * 0.6)))

    @property
    def _sampling(self) -> Sampling:
        return Sampling(temperature=self.options.temperature, max_tokens=self.options.max_tokens)

    def _united(self, readings: Sequence[tuple[Sheet, Reading | None]], collection: Collection) -> Found:
        whole = ((sheet, reading) for sheet, reading in readings if reading is not None)
        return united(whole, collection.statements)

    def _join(
        self,
        found: Sequence[Found],
        families: Sequence[Family],
        readings: Sequence[Sequence[tuple[Sheet, Reading | None]]],
        collection: Collection,
        course: _Course,
        report: Report | None,
    ) -> None:
        """Join points of different blocks, the families side by side, round by round."""
        lists = [_lists(one, rows) for one, rows in zip(found, readings, strict=True)]
        for _ in range(self.options.rounds):
            rounds = [
                round_of(
                    one.points, rows, collection.statements, room=self._room(of_points=True), question=family.question
                )
                if len(rows) > 1
                else Round((), ())
                for one, rows, family in zip(found, lists, families, strict=True)
            ]
            sheets = [sheet for item in rounds for sheet in item.sheets]
            if not sheets:
                return
            answers = iter(self._all_read(sheets, course, report))
            for place, item in enumerate(rounds):
                told = [reading for reading in (next(answers) for _ in item.sheets) if reading is not None]
                one = found[place]
                one.points, more, moved = joined(one.points, told)
                one.contradictions += more
                lists[place] = [[moved[number] for number in row] for row in item.lists]

    def _all_read(self, sheets: Sequence[Sheet], course: _Course, report: Report | None) -> list[Reading | None]:
        """The reading of each sheet; None for one that has no answer."""
        before = course.blocks
        course.blocks += len(sheets)
        readings: list[Reading | None] = []
        with ThreadPoolExecutor(max_workers=max(1, self.concurrency)) as pool:
            futures = [pool.submit(self._read, sheet) for sheet in sheets]
            try:
                for outcome in _outcomes(futures):
                    readings.append(None if isinstance(outcome, EndpointError) else outcome[0])
                    if isinstance(outcome, EndpointError):
                        course.errors.append(outcome)
                    else:
                        course.spent += outcome[1]
                        course.lines += outcome[0].lines
                        course.kept += outcome[0].kept
                    if report:
                        report(before + len(readings), course.blocks)
            except BaseException:
                for future in futures:
                    future.cancel()
                raise
        return readings

    def _read(self, sheet: Sheet) -> tuple[Reading, Spent]:
        request = request_of(sheet, self._sampling)
        reply = self.language_model.complete(request)
        spent = Spent().plus(reply)
        answer = read_answer(reply.text, cut=reply.truncated)
        reading = reading_of(sheet, answer)
        if reading.faults and self.options.correct:
            try:
                again = self.language_model.complete(correction_of(request, reply, reading.faults))
            except UnansweredError:
                pass  # the correction waits in a file of requests; what holds without it counts
            else:
                spent = spent.plus(again)
                reading = reading_of(sheet, answer.amended(read_answer(again.text, cut=again.truncated)))
        if not reading.usable:
            reasons = "; ".join(dict.fromkeys(fault.reason for fault in reading.faults)) or "no answer"
            raise UnusableError(
                f"expected lines on the statements of {len(sheet.headings)} articles, found none that can be used "
                f"({reasons[:200]}); try another model"
            )
        return reading, spent

    def _judgement(self, collection: Collection, plan: Plan, found: Sequence[Found], course: _Course) -> Judgement:
        statements = collection.statements
        points = verdict.points_of(statements, [point for one in found for point in one.points])
        against: list[Against] = [item for one in found for item in one.contradictions]
        oppositions = verdict.oppositions_of(statements, points, against)
        asked = {place for one in found for place in one.asked}
        stances, named = verdict.stances_of(statements, asked, [item for one in found for item in one.stances])
        return Judgement(
            points=points,
            oppositions=oppositions,
            opposed=verdict.opposed_by(points, oppositions),
            stances=stances,
            thresholds=dict.fromkeys(("same", "opposed", "for", "against"), LIKELY),
            named=named,
            told=self._told(course),
            notes=list(_notes(plan, course)),
        )

    def _told(self, course: _Course) -> dict[str, Any]:
        return {
            "name": self.model.name,
            "version": self.model.version,
            "blocks": course.blocks,
            "unanswered": len(course.errors),
            "requests": course.spent.requests,
            "prompt_tokens": course.spent.prompt_tokens,
            "completion_tokens": course.spent.completion_tokens,
            "lines": course.lines,
            "dropped": max(0, course.lines - course.kept),
        }


def _outcomes(futures: Sequence[Future[tuple[Reading, Spent]]]) -> Iterator[tuple[Reading, Spent] | EndpointError]:
    """What became of each; an error that all others would meet too is raised."""
    for future in futures:
        error = future.exception()
        if isinstance(error, EndpointError) and not isinstance(error, BudgetError | StoreError):
            yield error
        else:
            yield future.result()


def _lists(found: Found, readings: Sequence[tuple[Sheet, Reading | None]]) -> list[list[int]]:
    """For each sheet the points that begin on it."""
    home: dict[int, int] = {}
    for number, (sheet, _) in enumerate(readings):
        for item in sheet.items:
            home.setdefault(item.place, number)
    lists: list[list[int]] = [[] for _ in readings]
    for number, point in enumerate(found.points):
        lists[min(home[place] for place in point.places)].append(number)
    return lists


def _notes(plan: Plan, course: _Course) -> Iterator[str]:
    if course.errors:
        yield (
            f"The judge gave no answer to {len(course.errors)} of {course.blocks} requests; what it would have said of "
            "their articles is missing."
        )
    if plan.alone:
        yield f"{len(plan.alone)} article(s) have nothing near them to be compared with, and were not shown to the judge."
