"""Small programs to supervise: each waits, in its own way, to be ended."""

import os
import sys

from ops.processes import Program

PYTHON = (sys.executable, "-I", "-S", "-c")
OBEDIENT = "import signal; print('up', flush=True); signal.pause()"
# Takes no notice of being asked to end, and has a child that does not either.
STUBBORN = """
import os, signal
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = os.fork()
print(f"child {child}" if child else "up", flush=True)
while True: signal.pause()
"""
# Sleeps in short turns: a signal that came just before signal.pause() would be slept over.
SAYS_GOODBYE = """
import signal, sys, time
def leave(number, frame): print("leaving", flush=True); sys.exit(0)
signal.signal(signal.SIGTERM, leave)
print("up", flush=True)
while True: time.sleep(0.02)
"""


def program(name: str, script: str) -> Program:
    """A program that runs the Python `script` with nothing but the standard library's core."""
    return Program(name, (*PYTHON, script), dict(os.environ))
