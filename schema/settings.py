"""The settings, for what answers requests: each is looked up once.

Django's own object asks at each look whether it is set up yet, which by twenty looks a request is a tenth of what all
else takes.
"""

from typing import Any

from django.conf import settings as current
from django.core.signals import setting_changed


class Settings:
    """`django.conf.settings` as they are; where tests change one of them, all are looked up again."""

    def __getattr__(self, name: str) -> Any:
        value = getattr(current, name)
        setattr(self, name, value)
        return value


settings = Settings()
setting_changed.connect(lambda **_signal: vars(settings).clear(), weak=False)
