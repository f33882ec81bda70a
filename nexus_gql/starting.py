"""What a process that serves does before it begins: what is set wrong shall be told then, and not to a caller."""

import logging

from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured

logger = logging.getLogger("nexus.requests")


def refuse_what_is_wrong() -> None:
    """Raises ImproperlyConfigured where a check of ours finds an error; warnings are logged.

    `manage.py` looks at these and at Django's own before each command; a server that is started past it looks here.
    """
    found = run_checks(tags=["nexus"])
    for message in found:
        if not message.is_serious():
            logger.warning("%s", message.msg)
    wrong = [message.msg for message in found if message.is_serious()]
    if wrong:
        raise ImproperlyConfigured(" ".join(wrong))
