"""What all pages share: one file each, nothing from the network, nothing run but their own script."""

import base64
import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

_ASSETS = Path(__file__).parent / "assets"


@cache
def asset(name: str) -> str:
    """A style sheet or script of the pages."""
    return (_ASSETS / name).read_text(encoding="utf-8")


@cache
def environment() -> Environment:
    """The templates; everything is escaped."""
    return Environment(
        loader=FileSystemLoader(_ASSETS),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def content_policy(style: str, script: str, *, connects: bool = False) -> str:
    """A content-security policy that lets in this style and script alone, by their hashes.

    Args:
        connects: let the script talk to the service that the page came from.
    """
    sources = f"style-src {_hash(style)}; script-src {_hash(script)}; img-src data:"
    sources += "; connect-src 'self'" if connects else ""
    return f"default-src 'none'; {sources}; base-uri 'none'; form-action 'none'"


def _hash(content: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}'"


def script_json(data: Any) -> Markup:
    """Data for a page's script; no character can end the element it stands in."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    for letter in "<>&\u2028\u2029":
        text = text.replace(letter, f"\\u{ord(letter):04x}")
    return Markup(text)
