"""wrk, in turns: ours, the ceiling, ours, the ceiling …, because only ratios of one run say anything."""

import json
import pathlib
import shutil
import statistics
import subprocess

from .say import Failure, say

CONNECTIONS = 32
SCRIPT = pathlib.Path(__file__).with_name("load.lua")


class Target:
    """Something that answers: where, what is asked in turn, and what all that should weigh."""

    def __init__(self, port, requests, folder, name):
        """`requests` are pairs of path and entity tag (or an empty text)."""
        self.port, self.name = port, name
        self.file = folder / f"requests-{name}.tsv"
        self.file.write_text("".join(f"{path}\t{etag}\n" for path, etag in requests))
        # Bytes on the wire for one answer, found out while counting.
        self.weight = None

    def run(self, seconds, count=False):
        command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--timeout", "10s", "--latency", "-s", SCRIPT]
        command += [f"http://127.0.0.1:{self.port}", "--", self.file] + (["count"] if count else [])
        done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
        lines = [line for line in done.stdout.splitlines() if line.startswith("RESULT ")]
        if done.returncode != 0 or not lines:
            raise Failure(f"wrk failed on {self.name}: {done.stdout}{done.stderr}")
        result = json.loads(lines[0].removeprefix("RESULT "))
        if result["requests"] == 0:
            raise Failure(f"{self.name}: no request was answered")
        if result["refused"] or result["broken"]:
            raise Failure(f"{self.name}: {result['refused']} answers above 399, {result['broken']} broken connections")
        result["rps"] = result["requests"] / result["seconds"]
        return result

    def count(self, status, shortest):
        """Looks at the status and the length of every answer for a second, and learns what one weighs."""
        result = self.run(1, count=True)
        wrong = {seen: n for seen, n in result["statuses"].items() if seen != str(status)}
        if wrong or not result["statuses"]:
            raise Failure(f"{self.name}: answers other than {status}: {result['statuses']}")
        if result["shortest"] < shortest:
            raise Failure(f"{self.name}: a body of {result['shortest']} bytes, where all have {shortest} and more")
        self.weight = result["bytes"] / result["requests"]

    def measure(self, seconds):
        """One round. Bytes tell whether other answers came than were counted before: a 200 is not as long as a 304."""
        result = self.run(seconds)
        weight = result["bytes"] / result["requests"]
        if self.weight and abs(weight / self.weight - 1) > 0.03:
            raise Failure(f"{self.name}: an answer weighed {weight:.0f} bytes, and {self.weight:.0f} while they were counted")
        return result


def median(values):
    return statistics.median(values)


def spread(values):
    return {"median": median(values), "min": min(values), "max": max(values)}


def in_turns(rounds, ours, ceiling, settle=0):
    """Runs both in turn. Each is a function that makes one round; ratios are of neighbours."""
    one, other = [], []
    for number in range(rounds):
        # The first of a pair has the colder machine: they change places.
        if number % 2:
            other.append(ceiling())
            one.append(ours())
        else:
            one.append(ours())
            other.append(ceiling())
    return one, other


def compare(work, rounds, ours, ceiling, target, higher=True):
    """A row of the table."""
    one, other = in_turns(rounds, ours, ceiling)
    ratios = [a["rps"] / b["rps"] for a, b in zip(one, other)]
    row = {
        "work": work,
        "ours": spread([result["rps"] for result in one]),
        "ceiling": spread([result["rps"] for result in other]),
        "ratio": spread(ratios),
        "target": target,
        "p50_ms": median([result["p50_ms"] for result in one]),
        "p99_ms": median([result["p99_ms"] for result in one]),
    }
    if target is None:
        row["reached"] = None
    else:
        row["reached"] = row["ratio"]["median"] >= target if higher else row["ratio"]["median"] <= target
    say(f"{work}: {row['ours']['median']:,.0f}/s against {row['ceiling']['median']:,.0f}/s, {row['ratio']['median']:.2f}")
    return row


def needed():
    if not shutil.which("wrk"):
        raise Failure("wrk is not here; it is a package of that name")
