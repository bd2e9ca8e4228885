#!/usr/bin/env -S python3 -B
"""Runs auto-ep and its rivals side by side and tells how they did: benches/compare/run makes what this needs and starts
it. What is measured, and what each rival does not do, stands in benches/README.md."""

import argparse
import datetime
import importlib.metadata
import json
import os
from pathlib import Path
import shutil
import sys

from contest import CORES, Contest
from settings import SOURCES
import tables


def machine():
    """Cores and processor, no name of a host."""
    info = Path("/proc/cpuinfo").read_text("utf-8")
    model = next((line.split(":", 1)[1].strip() for line in info.splitlines() if line.startswith("model name")), "unknown")
    flags = next((line for line in info.splitlines() if line.startswith("flags")), "")
    wide = "AVX-512" if "avx512bw" in flags else "AVX2" if "avx2" in flags else "no AVX2"
    return f"{len(CORES)} cores of {model} ({wide})"


def versions():
    return {name: importlib.metadata.version(name) for name in ("duckdb", "polars", "functions-framework")} | {
        "python": sys.version.split()[0]}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", required=True)
    parser.add_argument("--beside", help="another build of auto-ep, to be held against it")
    parser.add_argument("--sources", required=True)
    parser.add_argument("--stand-ins", required=True)
    parser.add_argument("--tools", required=True, help="where the rivals are")
    parser.add_argument("--products", type=int, default=110_000)
    parser.add_argument("--turns", type=int, default=7)
    parser.add_argument("--only", default="exports,verify,start,route")
    parser.add_argument("--sources-only", default=",".join(SOURCES))
    parser.add_argument("--json", help="where all figures are written")
    options = parser.parse_args()
    contest = Contest(options)
    told = {"date": datetime.date.today().isoformat(), "machine": machine(), "products": options.products,
            "load": os.getloadavg()[0], "versions": versions()}
    parts = {"exports": lambda: contest.exports(options.sources_only.split(",")), "verify": contest.verifications,
             "start": contest.starts, "route": contest.routes}
    try:
        for part in options.only.split(","):
            told[part] = parts[part]()
            if options.json:
                Path(options.json).write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", "utf-8")
    finally:
        shutil.rmtree(contest.work, ignore_errors=True)
    print(tables.markdown(told))


if __name__ == "__main__":
    main()
