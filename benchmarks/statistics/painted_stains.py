#!/usr/bin/env python3
"""Does one threshold mean the same on all slides of a cohort? Stains found on each slide, of a reference, or the usual ones.

    painted_stains.py HEXAPLEX OUT [--size 1024] [--seeds 6] [--part vectors|strengths|all]

`vectors`: sections whose stain vectors are turned by shifts of 0.05 and 0.10 (about 3 and 6 degrees), each by its own; presets
cd123-level (percent positive) and bpdcn-infiltration-ihc (tumour cells). `strengths`: sections of one batch of vectors with
100, 50, 20 and 10 % of the brown marker; the reference is another section of the batch, with all of it. Everything is compared
with what comes out where the panel is given the vectors that were painted. Prints two tables in Markdown: median and largest
deviations. Needs what paint_section.py needs, and a program that knows `stains: {reference: ...}`.
"""
import argparse
import csv
import json
import math
import pathlib
import statistics
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
PRESETS = ("cd123-level", "bpdcn-infiltration-ihc")


def paint(out, name, size, seed, **options):
    """Paints a section. Returns: its path, and the vectors painted, by the panel's stain."""
    folder = out / "painted" / name
    words = [str(word) for key, value in options.items() for word in ("--" + key.replace("_", "-"), value)]
    if not (out / f"{name}.ome.tif").exists():
        subprocess.run([sys.executable, ROOT / "sample_images/paint_section.py", folder, "--stain", "hdab", "--size", str(size),
                        "--seed", str(seed), *words], check=True, stdout=subprocess.DEVNULL)
        (folder / "hdab.ome.tif").rename(out / f"{name}.ome.tif")
    painted = json.loads((folder / "truth/hdab.json").read_text())["stain_vectors"]
    return out / f"{name}.ome.tif", {"haematoxylin": painted["haematoxylin"], "DAB": painted["dab"]}


def degrees(a, b):
    return math.degrees(math.acos(min(1, sum(x * y for x, y in zip(a, b)) / math.hypot(*a) / math.hypot(*b))))


class Runs:
    """Runs slides with a preset and rules for its stains, and reads what came out."""

    def __init__(self, hexaplex, out):
        self.hexaplex, self.out = hexaplex, out

    def __call__(self, slide, preset, way, stains):
        folder = self.out / way / preset
        folder.mkdir(parents=True, exist_ok=True)
        panel = folder / f"{slide.name}.yaml"
        panel.write_text((ROOT / f"panels/{preset}.yaml").read_text() + f"\nstains: {json.dumps(stains)}\n")
        subprocess.run([self.hexaplex, "--quiet", "run", slide, "--panel", panel, "--out", folder, "--device", "cpu",
                        "--overwrite"], check=True)
        result = folder / slide.name.replace(".ome.tif", "")
        summary = json.loads((result / "summary.json").read_text())
        with open(result / "cells.csv", newline="") as table:
            values = sorted(float(row["CD123_cytoplasm_median"]) for row in csv.DictReader(table)
                            if row["CD123_cytoplasm_median"])
        return {
            "positive": summary["scores"]["CD123"]["percent_positive"],
            "h_score": summary["scores"]["CD123"]["h_score"],
            "tumour": summary.get("infiltration", {}).get("tumour_cells"),
            "strong": values[int(0.9 * len(values))],  # a decile of the cells that tumour cells reach
            "vector": summary["stains"]["vectors"]["CD123"]["optical_density"],
        }


def largest(values, form):
    """Median and largest of deviations, in size."""
    sizes = [abs(v) for v in values]
    return f"{statistics.median(sizes):{form}}, {max(sizes):{form}}"


def of_vectors(runs, out, size, seeds):
    print("| vectors turned by | stains | DAB off by, degrees | percent positive, points | H-score | tumour cells, % | value of strong cells, % |")
    print("|---|---|---|---|---|---|---|")
    for shift in (0.05, 0.1):
        found = {"auto": [], "usual": []}
        for seed in range(1, seeds + 1):
            for burden in (0.05, 0.2):
                slide, painted = paint(out, f"v{shift}_{burden}_{seed}", size, seed, stain_shift=shift, burden=burden)
                given = {"estimate": "off", "vectors": painted}
                exact = [runs(slide, preset, "exact", given) for preset in PRESETS]
                for way, rule in (("auto", {"estimate": "auto"}), ("usual", {"estimate": "off"})):
                    got = [runs(slide, preset, way, rule) for preset in PRESETS]
                    found[way].append((degrees(got[0]["vector"], painted["DAB"]), got[0]["positive"] - exact[0]["positive"],
                                       got[0]["h_score"] - exact[0]["h_score"],
                                       100 * (got[1]["tumour"] / exact[1]["tumour"] - 1),
                                       100 * (got[0]["strong"] / exact[0]["strong"] - 1)))
        for way, rows in found.items():
            print(f"| {shift} | {way} | " + " | ".join(largest(column, ".1f") for column in zip(*rows)) + " |", flush=True)


def of_strengths(runs, out, size, seeds):
    print("| strength of the marker | stains | DAB off by, degrees | percent positive, points | value of strong cells, % |")
    print("|---|---|---|---|---|")
    batches = range(101, 101 + max(2, seeds // 2))
    references = {b: paint(out, f"reference_{b}", size, b, stain_seed=b, stain_shift=0.1, burden=0.2)[0] for b in batches}
    for strength in (1, 0.5, 0.2, 0.1):
        found = {"auto": [], "reference": []}
        for batch, reference in references.items():
            for section in (1, 2):
                slide, painted = paint(out, f"s{strength}_{batch}_{section}", size, 1000 * section + batch, stain_seed=batch,
                                       stain_shift=0.1, burden=0.2, dab=strength)
                exact = runs(slide, PRESETS[0], "exact", {"estimate": "off", "vectors": painted})
                for way, rule in (("auto", {"estimate": "auto"}), ("reference", {"reference": str(reference.resolve())})):
                    got = runs(slide, PRESETS[0], way, rule)
                    found[way].append((degrees(got["vector"], painted["DAB"]), got["positive"] - exact["positive"],
                                       100 * (got["strong"] / exact["strong"] - 1)))
        for way, rows in found.items():
            print(f"| {strength} | {way} | " + " | ".join(largest(column, ".1f") for column in zip(*rows)) + " |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("hexaplex")
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--size", type=int, default=1024)
    parser.add_argument("--seeds", type=int, default=6)
    parser.add_argument("--part", choices=("vectors", "strengths", "all"), default="all")
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    runs = Runs(given.hexaplex, given.out)
    if given.part != "strengths":
        of_vectors(runs, given.out, given.size, given.seeds)
    if given.part != "vectors":
        of_strengths(runs, given.out, given.size, given.seeds)


if __name__ == "__main__":
    main()
