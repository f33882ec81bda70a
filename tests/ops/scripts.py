"""Small programs to supervise: each waits, in its own way, to be ended."""

import os
import sys

from ops.processes import Program

PYTHON = (sys.executable, "-I", "-S", "-c")
OBEDIENT = "import signal; print('up', flush=True); signal.pause()"
# Takes no notice of being asked to end, and has a child that does not either; says the ids of both.
STUBBORN = """
import os, signal
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = os.fork()
if child: print(os.getpid(), child, flush=True)
else: print("up", flush=True)
while True: signal.pause()
"""
# Says its id. Writes without a buffer, for a signal may come while it writes; sleeps in short turns, for one that comes
# just before signal.pause() would be slept over.
SAYS_GOODBYE = """
import os, signal, sys, time
def leave(number, frame): os.write(1, b"leaving\\n"); sys.exit(0)
signal.signal(signal.SIGTERM, leave)
os.write(1, b"%d\\nup\\n" % os.getpid())
while True: time.sleep(0.02)
"""


def program(name: str, script: str) -> Program:
    """A program that runs the Python `script` with nothing but the standard library's core."""
    return Program(name, (*PYTHON, script), dict(os.environ))
