#!/usr/bin/env python3
"""Compares two folders of results of one cohort, every file and every byte: same_results.py REFERENCE OTHER.

Left out is only what may differ: the `execution` block of run.json, the ledgers, and folders that begin with a dot (locks,
markers of a workflow engine). Exit status 1, and the names, where anything differs.
"""
import hashlib
import json
import os
import sys


def contents(folder):
    files = {}
    for base, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            if base == folder and name.startswith("ledger") and name.endswith(".jsonl"):
                continue
            with open(os.path.join(base, name), "rb") as file:
                data = file.read()
            if name == "run.json":
                run = json.loads(data)
                del run["execution"]
                data = json.dumps(run).encode()
            files[os.path.relpath(os.path.join(base, name), folder)] = hashlib.sha256(data).hexdigest()
    return files


def main():
    reference, other = contents(sys.argv[1]), contents(sys.argv[2])
    slides = sum(name.endswith("/run.json") for name in reference)
    if slides == 0 or "cohort.csv" not in reference:
        sys.exit(f"{sys.argv[1]} holds no results")
    different = sorted(name for name in reference.keys() | other.keys() if reference.get(name) != other.get(name))
    if different:
        sys.exit("differs: " + ", ".join(different))
    print(f"{len(reference)} files, of {slides} slides and of the cohort, are the same.")


if __name__ == "__main__":
    main()
