#!/usr/bin/env python3
"""A painted study from pixels to sentences: are planted effects found, in order and sign?

    painted_cohort.py HEXAPLEX OUT [--size 800] [--jobs 1]

Paints 3 vehicle and 3 treated animals with 4 organs each (24 sections, haematoxylin and a brown marker), runs
`hexaplex batch` and `hexaplex compare`, and checks the fraction of tissue that tumour cells cover: the sign of each planted
effect, the order of the organs by effect, and that no p lies below the 0.1 that 3 against 3 can reach. Prints a table of what
was planted (the truth of the paintings) and found. Exit code 1 where a check fails. Needs what paint_section.py needs.
"""
import argparse
import csv
import json
import pathlib
import statistics
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
# organ: burden of vehicle animals, and what treatment makes of it
ORGANS = {"Liver": (0.30, 0.1), "Spleen": (0.30, 0.5), "Lung": (0.15, 1.0), "Brain": (0.08, 2.5)}
SPREAD = {"vehicle": (0.85, 1.0, 1.15), "treated": (1.1, 0.9, 1.0)}
SCORE = "infiltration.tumour_cell_area_fraction"
PANEL = "bpdcn-infiltration-ihc"


def paint(out, size):
    """Sections and cohort.csv; returns the planted fractions by organ and group."""
    planted, rows, seed = {}, [], 0
    for group, spread in SPREAD.items():
        for animal, factor in enumerate(spread, 1):
            for organ, (burden, ratio) in ORGANS.items():
                seed += 1
                stem = f"{group[0]}{animal}_{organ.lower()}"
                burden_here = burden * factor * (ratio if group == "treated" else 1)
                subprocess.run([sys.executable, ROOT / "sample_images/paint_section.py", out / "painted" / stem, "--stain", "hdab",
                                "--burden", str(burden_here), "--size", str(size), "--seed", str(seed)], check=True)
                (out / "painted" / stem / "hdab.ome.tif").rename(out / f"{stem}.ome.tif")
                truth = json.loads((out / "painted" / stem / "truth/hdab.json").read_text())
                planted.setdefault(organ, {}).setdefault(group, []).append(truth["tumour_cell_area_fraction"])
                rows.append([f"{stem}.ome.tif", f"{group}{animal}", group, organ])
    with open(out / "cohort.csv", "w", newline="") as table:
        csv.writer(table).writerows([["slide", "animal", "group", "organ"], *rows])
    return planted


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("hexaplex")
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--size", type=int, default=800)
    parser.add_argument("--jobs", type=int, default=1)
    given = parser.parse_args()
    out = given.out
    out.mkdir(parents=True)
    planted = paint(out, given.size)
    quiet = [given.hexaplex, "--quiet"]
    subprocess.run([*quiet, "batch", out / "cohort.csv", "--panel", PANEL, "--out", out / "results",
                    "--jobs", str(given.jobs), "--device", "cpu"], check=True)
    subprocess.run([*quiet, "compare", out / "results", "--cohort", out / "cohort.csv", "--out", out / "comparison"], check=True)
    found = json.loads((out / "comparison/comparison.json").read_text())
    comparisons = {c["organ"]: c for s in found["scores"] if s["score"] == SCORE for c in s["comparisons"]}
    effects, faults = {}, []
    print("| organ | planted vehicle | planted treated | found vehicle | found treated | difference | interval | p | q |")
    print("|---|---|---|---|---|---|---|---|---|")
    for organ, (_, ratio) in ORGANS.items():
        c = comparisons[organ]
        medians = [statistics.median(planted[organ][g]) for g in ("vehicle", "treated")]
        low, high = c["interval_95"]
        effects[organ] = c["difference_of_medians"]
        print(f"| {organ} | {medians[0]:.3f} | {medians[1]:.3f} | {c['reference']['median']:.3f} | {c['compared']['median']:.3f} "
              f"| {effects[organ]:.3f} | {low:.3f} to {high:.3f} | {c['permutation']['p']:.3g} | {c['q']:.3g} |")
        if ratio != 1 and (effects[organ] > 0) != (ratio > 1):
            faults.append(f"{organ}: the sign of the effect is not the planted one")
        if ratio == 1 and not low <= 0 <= high:
            faults.append(f"{organ}: nothing was planted, and the interval leaves 0 out")
        if min(c["permutation"]["p"], c["ranks"]["p"]) < 0.1 - 1e-12:
            faults.append(f"{organ}: a p below what 3 against 3 can reach")
    planted_effects = {o: statistics.median(g["treated"]) - statistics.median(g["vehicle"]) for o, g in planted.items()}
    if sorted(effects, key=effects.get) != sorted(planted_effects, key=planted_effects.get):
        faults.append("the organs are not in the planted order")
    print("\n".join(faults) or "order and signs as planted")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
