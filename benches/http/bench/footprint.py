"""Memory and start, with many articles on disk."""

import threading
import time

from .reads import SEARCH, filtered_list, whole_article
from .say import say
from .wrk import Target, spread

MIB = 1024 * 1024


def memory(stage, rows):
    """What stays in memory when nobody asks, and the most there was when everything was asked for."""
    options, size = stage.options, stage.options.large
    with stage.masthead(f"articles-{size}") as server:
        time.sleep(3)
        idle = server.memory() / MIB
        works = [whole_article(size, count=size), filtered_list(size)]
        requests = [work.requests for work in works]
        if server.get(SEARCH.format("harbour"))[0] == 200:
            requests.append([(SEARCH.format(word), "") for word in ("harbour", "quartz", "zephyr")])
        seen, enough = [], threading.Event()

        def look():
            while not enough.wait(0.1):
                seen.append(server.memory() / MIB)

        looking = threading.Thread(target=look, daemon=True)
        looking.start()
        for number, addresses in enumerate(requests):
            target = Target(server.port, addresses, stage.folder, f"memory-{number}")
            for _ in range(options.rounds):
                target.measure(options.seconds)
        enough.set()
        looking.join()
        most = max(server.memory("VmHWM") / MIB, *seen)
    say(f"memory: {idle:.0f} MiB idle, at most {most:.0f} MiB")
    for label, value, target in (("idle", idle, 40), ("at most under load", most, 200)):
        rows.append({
            "work": f"memory {stage.name}, {size:,} articles, {label}", "ours": spread([value]), "unit": "MiB",
            "target": target, "at_most": True, "reached": value <= target,
        })


def start(stage, rows):
    """From asking the system for the program to the first article it answers with."""
    size = stage.options.large
    path = whole_article(size).requests[-1][0]
    times = []
    for _ in range(7):
        with stage.masthead(f"articles-{size}", first=path, pause=0.001) as server:
            times.append(server.started_in * 1000)
    row = {"work": f"start {stage.name}, {size:,} articles", "ours": spread(times), "unit": "ms", "target": 150}
    row |= {"at_most": True, "reached": row["ours"]["median"] <= 150}
    say(f"start: {row['ours']['median']:.0f} ms")
    rows.append(row)
