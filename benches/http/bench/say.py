"""What is told while it runs, and how it ends."""

import sys
import time

BEGUN = time.monotonic()


class Failure(Exception):
    """Something that makes the run worthless or impossible; its text is for a person."""


def say(text):
    seconds = int(time.monotonic() - BEGUN)
    print(f"[{seconds // 60:3}:{seconds % 60:02}] {text}", file=sys.stderr, flush=True)
