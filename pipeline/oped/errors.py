"""Everything that oped raises on purpose.

* OpedError
  * InputError             the input can't be read as what it claims to be
    * EmptyInputError
    * EncodingError
    * UnsupportedInputError
    * EncryptedError
    * LanguageError
    * TooLongError
    * TooCostlyError
  * FormatError            a file of a corpus or map format is malformed; names file and place
  * ConfigError            a configuration has an unknown key or a wrong value; names the line
  * ModelError             a model is missing, torn or of another make
  * OutputError            what was asked for can't be written there; names the path
  * EndpointError          a language model does not answer, or not as it must
    * UnusableError        it answered, and there is nothing in the answer that can be used
    * UnansweredError      a request was written to a file, or is missing in one, and has no reply yet
    * BudgetError          the bound on tokens is reached; what is done is kept
    * StoreError           an answer that was paid for can't be kept
  * MissingExtraError      an optional dependency is not installed; names the extra

Each message is one line: what was expected, what came, what to do.
"""

from pathlib import Path


class OpedError(Exception):
    """Base of all errors that a user can do something about."""


class InputError(OpedError):
    """An article can't be read."""


class EmptyInputError(InputError):
    """There is no text in the input."""


class EncodingError(InputError):
    """The bytes are in no encoding that can be told."""


class UnsupportedInputError(InputError):
    """The input is of a kind that can't be read as an article."""


class EncryptedError(InputError):
    """The document is protected by a password."""


class LanguageError(InputError):
    """The article is not in a language that the model knows."""


class TooLongError(InputError):
    """The article has more characters than the limit."""


class TooCostlyError(InputError):
    """Reading the input takes more time or memory than it may."""


class FormatError(OpedError):
    """A file is not what its format demands.

    Args:
        reason: what is wrong.
        path: the file.
        place: where in the file: a line, an element, an offset.
    """

    def __init__(self, reason: str, *, path: str | Path | None = None, place: str | None = None) -> None:
        self.reason, self.path, self.place = reason, path, place
        where = ": ".join(str(part) for part in (path, place) if part is not None)
        super().__init__(f"{where}: {reason}" if where else reason)


class ConfigError(OpedError):
    """A configuration is wrong."""


class ModelError(OpedError):
    """A model can't be loaded."""


class OutputError(OpedError):
    """The output can't be written where it shall go, such as onto an input."""


class EndpointError(OpedError):
    """A language model does not answer, or not as it must."""


class UnusableError(EndpointError):
    """A language model answered, and there is nothing in the answer that can be used."""


class UnansweredError(EndpointError):
    """A request was written to a file, or is missing in one, and has no reply yet."""


class BudgetError(EndpointError):
    """The bound on tokens is reached."""


class StoreError(EndpointError):
    """An answer can't be kept, so that what was paid for would be lost, and what is asked next too."""


class MissingExtraError(OpedError):
    """An optional dependency is not installed.

    Args:
        extra: the extra of the distribution that brings it.
        what: what needs it.
    """

    def __init__(self, extra: str, what: str) -> None:
        super().__init__(f"{what} needs packages that are not installed: pip install '.[{extra}]' in oped's folder")
