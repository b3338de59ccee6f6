"""Opens a language model as the judge of a comparison."""

from oped.compare.judge.assessor import JudgeOptions, LanguageModelJudge
from oped.llm.meter import Meter
from oped.llm.model import LanguageModel
from oped.llm.opening import open_language_model
from oped.llm.settings import LanguageModelSettings


def open_judge(
    settings: LanguageModelSettings, *, meter: Meter | None = None, language_model: LanguageModel | None = None
) -> LanguageModelJudge:
    """The judge that some settings name.

    Of the settings those count that say which model is asked and how it is reached, `temperature`, `max_tokens` and `window`;
    a prompt of one's own, a scheme and several samples are for reading articles alone.

    Args:
        meter: counts what is used; default: one of its own.
        language_model: answers in place of the one that the settings name, such as a file of replies.

    Raises:
        ConfigError, ModelError, MissingExtraError: see `oped.llm.opening.open_language_model`.
    """
    return LanguageModelJudge(
        language_model or open_language_model(settings, meter=meter),
        options=JudgeOptions(temperature=settings.temperature or 0.0, max_tokens=settings.max_tokens),
        concurrency=settings.concurrency,
    )
