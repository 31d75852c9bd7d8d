"""The table at the end, and the same as JSON."""

import json
import os
import pathlib
import platform
import subprocess
import time


def number(value):
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.2f}" if abs(value) < 10 else f"{value:.1f}"


def told(spread):
    if spread is None:
        return "–"
    if spread["min"] == spread["max"]:
        return number(spread["median"])
    return f"{number(spread['median'])} [{number(spread['min'])}–{number(spread['max'])}]"


def cells(row):
    unit = row.get("unit", "")
    target = row["target"]
    if target is not None:
        sign = "≤" if row.get("at_most") else "≥"
        target = f"{sign} {number(target)}{unit and ' ' + unit}"
    reached = {True: "yes", False: "NO", None: "–"}[row["reached"]]
    return [
        row["work"],
        told(row.get("ours")) + (unit and row.get("ours") and f" {unit}" or ""),
        told(row.get("ceiling")),
        told(row.get("ratio")),
        target or "–",
        reached,
        " / ".join(number(row[key]) if row.get(key) is not None else "–" for key in ("p50_ms", "p99_ms")),
    ]


HEADS = ["work", "ours [min–max]", "ceiling [min–max]", "ratio [min–max]", "target", "reached", "p50 / p99 ms"]


def table(rows):
    lines = [HEADS] + [cells(row) for row in rows]
    widths = [max(len(line[at]) for line in lines) for at in range(len(HEADS))]
    shown = ["| " + " | ".join(text.ljust(width) for text, width in zip(line, widths)) + " |" for line in lines]
    shown.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(shown)


def output(*command):
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return None


def machine(binary):
    """Enough to see whether two runs can be compared at all."""
    memory = next((line.split()[1] for line in open("/proc/meminfo", encoding="ascii") if line.startswith("MemTotal")), 0)
    return {
        "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "system": platform.platform(),
        "cores": os.cpu_count(),
        "memory_mib": int(memory) // 1024,
        "load_average": os.getloadavg(),
        "masthead": output(str(binary), "--version"),
        "commit": output("git", "-C", str(pathlib.Path(__file__).parent), "describe", "--always", "--dirty"),
    }


def write(folder, options, about, rows, notes, problems):
    path = folder / f"results-{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}.json"
    whole = {"machine": about, "options": options, "rows": rows, "notes": notes, "problems": problems}
    path.write_text(json.dumps(whole, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return path
