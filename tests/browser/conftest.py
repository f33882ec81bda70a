"""The site on a port of its own, for programs outside the test to visit."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest
from django.core.management import call_command
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.core.wsgi import get_wsgi_application
from pytest_django import Settings

from nexus_gql.static import with_static_files

NODE = shutil.which("node")
CHROMIUM = shutil.which(os.environ.get("CHROMIUM", "/usr/bin/chromium"))
DRIVER = Path(__file__).parent / "node_modules" / "playwright-core"


@pytest.fixture
def site(transactional_db: None, settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the site, which sees what the test has saved, with its static files.

    pytest-django's live_server cannot stand in: it serves static files in a way of its own.
    """
    settings.STATIC_ROOT = tmp_path_factory.mktemp("static")
    call_command("collectstatic", interactive=False, verbosity=0)
    server = ThreadedWSGIServer(("127.0.0.1", 0), WSGIRequestHandler)
    server.set_app(with_static_files(get_wsgi_application()))
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
