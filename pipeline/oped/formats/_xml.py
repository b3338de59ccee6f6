"""XML from outside: no document type, so no entities to expand and nothing to fetch."""

from pathlib import Path
from xml.etree.ElementTree import Element, ParseError, TreeBuilder, XMLParser

from oped.errors import FormatError


class _Builder(TreeBuilder):
    """Builds a tree and refuses a document type, the one way in for entities."""

    def doctype(self, name: str, pubid: str | None, system: str | None) -> None:
        raise _DoctypeError


class _DoctypeError(Exception):
    pass


def parse_xml(path: Path) -> Element:
    """The root element of an XML file.

    Raises:
        FormatError: malformed XML, or a document type declaration.
    """
    parser = XMLParser(target=_Builder())
    try:
        with open(path, "rb") as stream:
            while chunk := stream.read(1 << 16):
                parser.feed(chunk)
        root = parser.close()
    except _DoctypeError:
        raise FormatError("a document type declaration is not accepted (it may define entities)", path=path) from None
    except ParseError as error:
        line, column = error.position
        raise FormatError(f"malformed XML: {error.msg}", path=path, place=f"line {line} column {column}") from None
    except OSError as error:
        raise FormatError(f"can't be read: {error.strerror}", path=path) from None
    assert isinstance(root, Element)
    return root
