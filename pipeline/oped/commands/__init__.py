"""The command line: `oped COMMAND`. Each command parses its options and calls a plain function.

Heavy imports stay inside the commands, so that `oped --help` answers at once.
"""

import sys
from importlib import import_module

import click

from oped import __version__
from oped.errors import OpedError

COMMANDS = {
    "map": "one article to one argument map",
    "batch": "many articles to maps and tables",
    "compare": "what the authors share, contest and fear",
    "train": "train a tagger on a corpus",
    "suggest": "which articles to annotate next, with a first annotation",
    "quantize": "a model in int8, faster on a CPU",
    "package": "a model as a package for pip and spaCy",
    "evaluate": "run a model on a corpus and print the published metrics",
    "score": "the same metrics for predictions made elsewhere",
    "convert": "between corpus, annotation-tool and map formats",
    "corpus": "counts and inconsistencies of a corpus",
    "serve": "local web page and REST API",
    "models": "models shipped and installed, with their cards",
}


class LazyGroup(click.Group):
    """Imports a command's module when the command is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"oped.commands.{cmd_name}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="oped")
def cli() -> None:
    """Argument maps of opinion articles: claims, premises and risks, linked by support and attack."""


def main() -> None:
    """Entry point: 0 done, 1 failed, 2 misused; an expected error is one line on stderr."""
    try:
        cli.main(prog_name="oped", standalone_mode=False)
    except click.exceptions.Exit as done:
        sys.exit(done.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except (click.Abort, KeyboardInterrupt):
        fail("interrupted")
    except OpedError as error:
        fail(str(error))
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)
    except OSError as error:
        fail(f"{error.filename or ''}: {error.strerror or error}".lstrip(": "))


def fail(message: str) -> None:
    """Print one line on stderr and exit with 1."""
    click.echo(f"oped: {' '.join(message.split())}", err=True)
    sys.exit(1)
