"""The reference of all commands, made from the commands: `python -m oped.commands.reference > docs/commands.md`."""

import click

from oped.commands import COMMANDS, cli

HEAD = """# Commands

Exit codes: 0 done, 1 failed or partly failed, 2 misused. Messages go to the standard error, data to the standard output.
"""


def reference() -> str:
    """The reference as Markdown."""
    context = click.Context(cli, info_name="oped", **cli.context_settings)
    sections = []
    for name in COMMANDS:
        command = cli.get_command(context, name)
        assert command is not None
        sections += _sections(command, click.Context(command, info_name=name, parent=context))
    return "\n".join([HEAD, *sections])


def _sections(command: click.Command, context: click.Context) -> list[str]:
    context.terminal_width = context.max_content_width = 100
    found = [f"## {context.command_path}\n\n```text\n{command.get_help(context)}\n```\n"]
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            assert inner is not None
            found += _sections(inner, click.Context(inner, info_name=name, parent=context))
    return found


if __name__ == "__main__":
    click.echo(reference(), nl=False)
