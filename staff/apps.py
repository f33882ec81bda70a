"""The admin as a Django application: its templates come before those of Django's."""

from django.apps import AppConfig


class StaffConfig(AppConfig):
    """The admin."""

    name = "staff"
