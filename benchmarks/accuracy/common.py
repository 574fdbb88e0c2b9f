"""What every script here shares: running the program, reading its results, judging figures.

Figures are taken from the files that `hexaplex run` writes, never from inside the program. Needs Debian's python3-numpy,
python3-scipy, python3-skimage and python3-tifffile, and libtiff-tools for codecs that tifffile lacks there.
"""
import argparse
import csv
import json
import math
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

import numpy as np
import tifffile

ROOT = os.path.realpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
SHARED = os.path.join(ROOT, "..", "shared")


class Absent(Exception):
    """The images that a figure needs are not on this machine."""


def data(*path):
    """A file or folder of the real images beside the project. Raises Absent where it is not there."""
    full = os.path.join(SHARED, "data", *path)
    if not os.path.exists(full):
        raise Absent(os.path.join("..", "shared", "data", *path))
    return full


class Figures:
    """Figures with their targets, printed as they come and kept for JSON."""

    def __init__(self):
        self.rows = []

    def add(self, what, value, least=None, most=None, note=""):
        """A figure; `least` and `most` are inclusive. Without either it is shown for information."""
        value = float(value)
        if least is None and most is None:
            target, met = "", None
        else:
            target = f">= {least:.6g}" if most is None else f"<= {most:.6g}" if least is None else f"{least:.6g} to {most:.6g}"
            # NaN meets nothing
            met = bool((least is None or value >= least) and (most is None or value <= most) and not math.isnan(value))
        self._keep(what, value, target, met, note)

    def failed(self, what, why):
        """A figure that could not be taken although its images are there: a miss."""
        self._keep(what, None, "", False, why)

    def skipped(self, what, why):
        self._keep(what, None, "", None, "SKIPPED: " + why)

    def _keep(self, what, value, target, met, note):
        self.rows.append(dict(what=what, value=value, target=target, met=met, note=note))
        shown = "-" if value is None else f"{value:.0f}" if value == int(value if math.isfinite(value) else 0) and abs(value) >= 2 else f"{value:.4g}"
        verdict = {True: "met", False: "MISSED", None: "skipped" if note.startswith("SKIPPED") else ""}[met]
        print(f"{what:78} {shown:>9}  {target:>14}  {verdict:7} {note}".rstrip(), flush=True)

    def misses(self):
        return [r for r in self.rows if r["met"] is False]


class Result:
    """A result folder of `hexaplex run`."""

    def __init__(self, folder, seconds):
        self.folder, self.seconds = folder, seconds

    def path(self, name):
        return os.path.join(self.folder, name)

    def labels(self):
        """Nucleus and cell labels, full resolution."""
        return read_pages(self.path("labels.ome.tif"), 2)

    def summary(self):
        with open(self.path("summary.json")) as f:
            return json.load(f)

    def cells(self):
        return read_table(self.path("cells.csv"))

    def unmixed(self):
        """{component: plane}"""
        with tifffile.TiffFile(self.path("unmixed.ome.tif")) as tif:
            names = re.findall(r'<Channel [^>]*Name="([^"]*)"', tif.ome_metadata)
        planes = read_pages(self.path("unmixed.ome.tif"), len(names))
        return dict(zip(names, planes))


def read_pages(path, count=None):
    """Pages of a TIFF in order (not their reduced levels); codecs that tifffile lacks here go through libtiff's tiffcp."""
    try:
        with tifffile.TiffFile(path) as tif:
            pages = tif.pages[:count] if count else tif.pages
            return [np.squeeze(page.asarray()) for page in pages]
    except ValueError:
        with tempfile.TemporaryDirectory() as folder:
            plain, source = os.path.join(folder, "plain.tif"), os.path.join(folder, "source.tif")
            shutil.copy(path, source)  # tiffcp reads a comma in a name as a list of pages
            subprocess.run(["tiffcp", "-c", "none", source, plain], check=True, stderr=subprocess.DEVNULL)
            with tifffile.TiffFile(plain) as tif:
                return [np.squeeze(page.asarray()) for page in (tif.pages[:count] if count else tif.pages)]


def read_table(path, delimiter=","):
    """{column: list of text} of a table with a header."""
    with open(path, newline="", encoding="utf-8-sig") as f:
        rows = list(csv.reader(f, delimiter=delimiter))
    return {name: [r[i] for r in rows[1:]] for i, name in enumerate(rows[0])}


def numbers(column):
    """A column of text as doubles; empty and #N/A become NaN."""
    return np.array([float(v) if v not in ("", "#N/A", "NaN", "nan") else math.nan for v in column])


class Bench:
    """The program under test and a folder to work in."""

    def __init__(self, program, work):
        self.program, self.work = os.path.realpath(program), os.path.realpath(work)
        os.makedirs(self.work, exist_ok=True)

    def run(self, name, slide, panel, *options):
        """Runs the program on a slide; `name` tells this run's result from others of the same slide."""
        out = os.path.join(self.work, "results", name)
        command = [self.program, "run", slide, "--panel", panel, "--out", out, "--overwrite", "--quiet", *map(str, options)]
        start = time.perf_counter()
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"exit {done.returncode}: {done.stdout.strip()[-400:]}")
        folders = [d for d in sorted(os.listdir(out)) if os.path.exists(os.path.join(out, d, "cells.csv"))]
        if len(folders) != 1:
            raise RuntimeError(f"{out} holds {len(folders)} results instead of one")
        return Result(os.path.join(out, folders[0]), time.perf_counter() - start)

    def panel(self, preset, name, **segmentation):
        """A copy of a preset with other values under `segmentation` (nucleus_um and the like), as a file."""
        text = subprocess.run([self.program, "panel", "show", preset], check=True, stdout=subprocess.PIPE, text=True).stdout
        for key, value in segmentation.items():
            text, found = re.subn(rf"(?m)^(\s+){key}: .*$", rf"\g<1>{key}: {value}", text, count=1)
            if not found:
                text, found = re.subn(r"(?m)^segmentation:\s*$", f"segmentation:\n  {key}: {value}", text, count=1)
            if not found:
                raise RuntimeError(f"preset {preset} has no block `segmentation` to set {key} in")
        path = os.path.join(self.work, "panels", name + ".yaml")
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as f:
            f.write(text)
        return path


def section(figures, title, work):
    """Carries out one group of figures: absent images are skipped visibly, a failure is a miss and stops no other group."""
    try:
        work()
    except Absent as e:
        figures.skipped(title, f"{e} is absent")
    except Exception as e:  # the other groups still have something to say
        figures.failed(title, f"{type(e).__name__}: {e}")


def arguments(parser=None):
    """The options of every script here."""
    parser = parser or argparse.ArgumentParser()
    parser.add_argument("--hexaplex", default=os.path.join(ROOT, "build", "cpu", "hexaplex"), help="the program to measure")
    parser.add_argument("--work", help="folder that keeps generated slides and results (default: a temporary one)")
    parser.add_argument("--json", help="file to write the figures to")
    return parser


def main(measure, description):
    """Runs one script on its own: `measure(bench, figures, names)`."""
    parser = arguments(argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter))
    parser.add_argument("--only", nargs="*", metavar="NAME", help="slides to take; default all")
    args = parser.parse_args()
    figures = Figures()
    with tempfile.TemporaryDirectory() as scratch:
        measure(Bench(args.hexaplex, args.work or scratch), figures, args.only)
    sys.exit(finish({"": figures}, args.json))


def finish(groups, path):
    """Writes JSON, prints the misses, and gives the exit status: 1 where a target is missed."""
    if path:
        with open(path, "w") as f:
            json.dump({name: g.rows for name, g in groups.items()}, f, indent=1)
    rows = [(name, r) for name, g in groups.items() for r in g.rows]
    misses = [(name, r) for name, r in rows if r["met"] is False]
    print(f"\n{sum(r['met'] is True for _, r in rows)} met, {len(misses)} missed, {sum(r['note'].startswith('SKIPPED') for _, r in rows)} skipped")
    for name, r in misses:
        print(f"  missed: {name} {r['what']}: {r['value']} ({r['target']}) {r['note']}")
    return 1 if misses else 0
