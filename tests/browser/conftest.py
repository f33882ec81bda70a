"""The site on a port of its own, for programs outside the test to visit."""

from collections.abc import Iterator
from threading import Thread

import pytest
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.core.wsgi import get_wsgi_application


@pytest.fixture
def site(transactional_db: None) -> Iterator[str]:
    """The address of the site, which sees what the test has saved.

    pytest-django's live_server cannot stand in: it wants a STATIC_URL, and the site has none.
    """
    server = ThreadedWSGIServer(("127.0.0.1", 0), WSGIRequestHandler)
    server.set_app(get_wsgi_application())
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
