"""The API against its own description, with requests that schemathesis makes up."""

from pathlib import Path

import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance

from tests.serve.server import Server

ROUTES = 13
UNSAID = ("/api/files", "/api/articles/{id}/map")


def test_every_answer_is_as_described(tmp_path: Path) -> None:
    server = Server(tmp_path)
    try:
        schema = schemathesis.openapi.from_url(f"{server.address}/openapi.json")
        operations = [found.ok() for found in schema.get_all_operations()]
        assert len(operations) == ROUTES
        for operation in operations:

            @settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
            @given(case=operation.as_strategy())
            def answers(case: schemathesis.Case) -> None:
                # No description can say that a file's name must have a known ending, or that a map must fit its article.
                excluded = [positive_data_acceptance] if case.path in UNSAID else []
                case.call_and_validate(excluded_checks=excluded)

            answers()
    finally:
        server.close()
