"""A map in a notebook: its page in a frame that may run the page's own script and nothing else."""

from markupsafe import escape

from oped.records import ArgumentMap
from oped.render.page import render_page

_FRAME = 'sandbox="allow-scripts allow-downloads" width="100%" height="720" style="border:0"'


def framed(amap: ArgumentMap) -> str:
    """The HTML of the frame; the page stands in it whole."""
    return f'<iframe {_FRAME} srcdoc="{escape(render_page(amap))}"></iframe>'
