"""Whether what was started can be used yet, asked from outside as a client would."""

import socket
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException

from ops.programs import HOST, Ports

ANSWER_SECONDS = 3.0


def missing(ports: Ports) -> str:
    """What is not ready yet, in words; empty when everything is."""
    try:
        with socket.create_connection((HOST, ports.stream), timeout=ANSWER_SECONDS):
            pass
    except OSError:
        return "stream"
    return _missing_of_web(ports.web)


def _missing_of_web(port: int) -> str:
    connection = HTTPConnection(HOST, port, timeout=ANSWER_SECONDS)
    try:
        connection.request("GET", "/readyz")
        response = connection.getresponse()
        body = response.read().decode(errors="replace")
    except (OSError, HTTPException):
        return "web"
    finally:
        connection.close()
    return "" if response.status == HTTPStatus.OK else f"web ({body.strip()})"
