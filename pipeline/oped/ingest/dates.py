"""Dates as articles write them, to ISO 8601."""

import re

_MONTH = r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\.?"
_DAY = r"\d{1,2}(?:st|nd|rd|th)?"
_WEEKDAY = r"(?:(?:Mon|Tues?|Wed(?:nes)?|Thu(?:rs)?|Fri|Sat(?:ur)?|Sun)(?:day)?,? )?"
DATE = re.compile(
    rf"\b{_WEEKDAY}(?:{_MONTH} {_DAY},? \d{{4}}|{_DAY} (?:of )?{_MONTH},? \d{{4}}|\d{{4}}-\d{{2}}-\d{{2}})(?:T[\d:.]+Z?)?\b",
    re.IGNORECASE,
)
_URL_DATE = re.compile(r"/((?:19|20)\d\d)[/-](\d{1,2})[/-](\d{1,2})(?:/|\b)")


_DATE_START = re.compile(rf"(?={DATE.pattern})", re.IGNORECASE)
_NO_DATE = re.compile(r"(?<=\d)(?:st|nd|rd|th)\b|\bof\b", re.IGNORECASE)
_YEAR = re.compile(r"\d{4}")
MOST_LETTERS = 200  # of a date


def date_starts(text: str) -> list[int]:
    """Where a date begins in a text; it may begin twice, with its day of the week and without."""
    return [match.start() for match in _DATE_START.finditer(text)]


def find_date(text: str) -> str | None:
    """The first date in a text that names day, month and year."""
    match = DATE.search(text)
    return parse_date(match[0]) if match else None


def date_in_url(url: str) -> str | None:
    """The date that many addresses carry in their path."""
    match = _URL_DATE.search(url)
    return parse_date(f"{match[1]}-{int(match[2]):02}-{int(match[3]):02}") if match else None


def parse_date(text: str) -> str | None:
    """A date in any usual form as YYYY-MM-DD; None where it can't be read or names no day."""
    from dateutil import parser

    cleaned = _NO_DATE.sub("", text.strip()) if len(text) <= MOST_LETTERS else ""
    if not _YEAR.search(cleaned):
        return None
    try:
        return str(parser.parse(cleaned).date().isoformat())
    except (ValueError, OverflowError, TypeError, AttributeError, ArithmeticError):  # all that it raises on odd texts
        return None
