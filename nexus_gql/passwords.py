"""The password hasher of test runs."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class QuickArgon2PasswordHasher(Argon2PasswordHasher):
    """The same algorithm and format, with parameters that protect nothing: chosen under NEXUS_ENV=test alone."""

    time_cost = 1
    memory_cost = 8
    parallelism = 1
