"""Why a command of this package stops."""


class CannotRun(Exception):
    """Something that the person at the terminal can mend; the message says what is wrong and what to do."""
