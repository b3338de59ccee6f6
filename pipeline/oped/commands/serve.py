"""`oped serve`: a local web page and REST API."""

import ipaddress
import os
import re
import secrets
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from oped.commands.language_model import MODEL_HELP, given, language_model_options, with_samples
from oped.commands.options import SECONDS
from oped.errors import OpedError
from oped.resources import DEFAULT_MODEL

if TYPE_CHECKING:
    from oped.llm.settings import LanguageModelSettings
_TOKEN = re.compile(r"[A-Za-z0-9._~-]{1,200}")


def data_folder() -> Path:
    """The user's folder for the service's data."""
    home = os.environ.get("XDG_DATA_HOME")
    return (Path(home) if home else Path.home() / ".local" / "share") / "oped"


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True)
@click.option("--token", help="Token that requests must show; made up where the address is not a local one.")
@click.option(
    "--library",
    type=click.Path(path_type=Path, dir_okay=False),
    help="SQLite file; default: in the user's data folder.",
)
@click.option(
    "--maps",
    multiple=True,
    type=click.Path(path_type=Path, exists=True),
    help="Also show these maps: files, folders, or the folder of a batch; may be given again.",
)
@click.option(
    "--fetch",
    is_flag=True,
    help="Let people hand in the address of an article; only public addresses are asked.",
)
@click.option("--model", default=DEFAULT_MODEL, show_default=True, help=MODEL_HELP)
@click.option("--scheme", help="Answer in this annotation scheme of the model.")
@click.option("--seconds", type=SECONDS, default=120.0, show_default=True, help="Time that one article may take.")
@click.option(
    "--memory", type=click.IntRange(min=64), default=4096, show_default=True, help="Megabytes that the worker may fill."
)
@click.option(
    "--max-megabytes", type=click.IntRange(min=1), default=20, show_default=True, help="Refuse a larger upload."
)
@click.option(
    "--max-characters", type=click.IntRange(min=1), default=1_000_000, show_default=True, help="Refuse a longer text."
)
@with_samples
@language_model_options
def command(
    host: str,
    port: int,
    token: str | None,
    library: Path | None,
    maps: tuple[Path, ...],
    fetch: bool,
    model: str,
    scheme: str | None,
    seconds: float,
    memory: int,
    max_megabytes: int,
    max_characters: int,
    **options: Any,
) -> None:
    """Serve a page and an API on which articles are mapped and kept; only this machine can reach it unless --host says
    otherwise, and then every request must show a token."""
    from oped.errors import MissingExtraError
    from oped.neural.folder import ModelFolder

    reader = _language_model(model, scheme, options)
    own = ModelFolder.find(DEFAULT_MODEL if reader else model)
    if scheme and not reader and scheme not in own.config.schemes:
        raise click.UsageError(f"--scheme: the model answers in {', '.join(own.config.schemes)}, not in {scheme!r}")
    try:
        import uvicorn

        from oped.serve.app import create_app
    except ImportError:
        raise MissingExtraError("serve", "oped serve") from None
    from oped.batch.tasks import Bounds, Settings
    from oped.serve.guard import Rules
    from oped.serve.library import Library

    if token is not None and not _TOKEN.fullmatch(token):
        raise click.UsageError("--token: expected letters, digits and -._~ alone, since it travels in addresses")
    local = is_local(host)
    if not local and not token:
        token = secrets.token_urlsafe(24)
    names = frozenset({host, "127.0.0.1", "localhost", "::1"}) if local else frozenset()
    rules = Rules(names, token, max_megabytes << 20)
    books = Library(library or data_folder() / "library.sqlite")
    try:
        if maps:
            from oped.compare.inputs import read_maps

            click.echo(f"{books.take_in(read_maps(maps))} new maps", err=True)
        settings = Settings(model if reader else str(own.path), scheme, max_characters, options=given(options))
        app = create_app(
            books, settings, Bounds(seconds, memory << 20), rules, fetches=fetch, notice=reader.notice if reader else ""
        )
        config = uvicorn.Config(
            app, log_level="warning", server_header=False, limit_concurrency=200, timeout_graceful_shutdown=10
        )
        with listen(host, port) as line:
            query = f"?token={token}" if token else ""
            click.echo(f"http://{f'[{host}]' if ':' in host else host}:{port}/{query}", err=True)
            uvicorn.Server(config).run(sockets=[line])
    finally:
        books.close()


def _language_model(model: str, scheme: str | None, options: Mapping[str, Any]) -> "LanguageModelSettings | None":
    """The settings of the language model that reads; None where a trained model does.

    Raises:
        ConfigError: they are wrong, or are given to a trained model.
    """
    from oped.parsers import is_language_model, prompt_of, refuse_options, refuse_scheme

    if not is_language_model(model):
        refuse_options(model, options)
        return None
    from oped.llm.settings import read_settings

    refuse_scheme(scheme)
    settings = read_settings(model, options=given(options))
    prompt_of(settings)
    return settings


def listen(host: str, port: int) -> socket.socket:
    """A socket that is bound to an address.

    Raises:
        OpedError: there is no such address, or another program has the port.
    """
    try:
        family, kind, number, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        line = socket.socket(family, kind, number)
    except OSError as error:
        raise OpedError(f"--host {host}: expected an address of this machine: {error.strerror}") from None
    try:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        line.bind(address)
    except OSError as error:
        line.close()
        reason = f"{host}:{port} can't be listened on: {error.strerror}"
        raise OpedError(f"{reason}; name another with --port, or another address with --host") from None
    return line


def is_local(host: str) -> bool:
    """Whether an address can be reached from this machine alone."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
