"""Phantom slides whose every cell is known, made by ../shared/eval/phantom.py, and what they say of a result."""
import os
import subprocess
import sys

import numpy as np

import common
from scoring import mean_by_label, membrane

# marker, component of the library, compartment; components in the order of truth_components.tif, autofluorescence last
CHANNELS = (("DAPI", "DAPI", "nucleus"), ("MPO", "Opal 520", "cytoplasm"), ("CD34", "Opal 540", "membrane"), ("E-cadherin", "Opal 570", "membrane"),
            ("CD42b", "Opal 620", "cytoplasm"), ("CD3", "Opal 650", "membrane"), ("CD20", "Opal 690", "membrane"))
AUTOFLUORESCENCE = "Autofluorescence"
MARKER_OF = {"Granulopoiesis": "MPO", "Erythropoiesis": "E-cadherin", "Megakaryocyte": "CD42b", "Myeloblast": "CD34", "T cell": "CD3", "B cell": "CD20"}
LINEAGES = (*MARKER_OF, "Other")
UM_PER_PX, OFFSET, PHOTONS, MEMBRANE_UM = 0.5, 10, 400, 0.75
MAPS = ("Set12_20-6plex_[14146,53503]", "Set8_11-6plex_[13394,50883]")

# name: stage, seed, map (None: generated layout), bands
ON_MAPS = {
    "map1_before": ("before", 31, 0, 8), "map1_aplasia": ("aplasia", 32, 0, 35), "map1_after": ("after", 33, 0, 35),
    "map2_before": ("before", 34, 1, 35), "map2_aplasia": ("aplasia", 35, 1, 8), "map2_after": ("after", 36, 1, 8),
}
GENERATED = {"gen_before": ("before", 41, None, 8), "gen_aplasia": ("aplasia", 42, None, 8), "gen_after": ("after", 43, None, 35)}
# each stage on each map with both numbers of bands, for studies
MORE_MAPS = {f"map{which + 1}_{stage}_{bands}": (stage, 101 + 6 * which + 2 * i + (bands == 35), which, bands)
             for which in (0, 1) for i, stage in enumerate(("before", "aplasia", "after")) for bands in (8, 35)}
# more seeds of the stage that has megakaryocytes
MORE_SEEDS = {f"gen_after_s{seed}": ("after", seed, None, 8) for seed in (44, 45, 46, 47)}
PHANTOMS = {**ON_MAPS, **GENERATED, **MORE_MAPS, **MORE_SEEDS}
FEWEST = 20  # cells that must carry a marker before its level or its crosstalk is judged


class Phantom:
    def __init__(self, bench, name):
        self.name, (self.stage, seed, which, self.bands) = name, PHANTOMS[name]
        self.folder = os.path.join(bench.work, "phantoms", name)
        if not os.path.exists(self.path("truth_cells.csv")):  # written last
            painter = os.path.join(common.SHARED, "eval", "phantom.py")
            if not os.path.exists(painter):
                raise common.Absent("../shared/eval/phantom.py")
            maps = [] if which is None else ["--maps", common.data("inform_lung_maps", MAPS[which] + "_binary_seg_maps.tif")]
            done = subprocess.run([sys.executable, painter, self.folder, "--stage", self.stage, "--seed", str(seed), "--bands", str(self.bands), *maps],
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            if done.returncode:
                raise RuntimeError(f"phantom.py failed: {done.stdout[-300:]}")
        self.nuclei, self.cells = (p.astype(np.int64) for p in common.read_pages(self.path("truth_labels.tif"), 2))
        table = common.read_table(self.path("truth_cells.csv"))
        self.count = int(self.cells.max())
        self.lineage = dict(zip(map(int, table["cell_id"]), table["phenotype"]))
        self.level = {m: np.full(self.count + 1, np.nan) for m, _, _ in CHANNELS}
        for marker in self.level:
            self.level[marker][np.array(table["cell_id"], int)] = common.numbers(table[marker])

    def path(self, name):
        return os.path.join(self.folder, name)

    def components(self):
        """The noise-free components, planes in order of CHANNELS and autofluorescence, as abundances (counts)."""
        return np.stack(common.read_pages(self.path("truth_components.tif"))) * float(PHOTONS)

    def library(self):
        """Bands x components."""
        with open(self.path("library.csv")) as f:
            return np.array([[float(v) for v in line.split(",")[2:]] for line in f.read().splitlines()[1:]])

    def counts(self):
        """The bands less the camera's offset."""
        return np.stack(common.read_pages(self.path("raw.ome.tif"))) - float(OFFSET)

    def clipped_least_squares(self):
        """What a pseudo-inverse and clipping at zero give, in double."""
        raw = self.counts()
        flat = np.linalg.pinv(self.library()) @ raw.reshape(len(raw), -1)
        return np.maximum(flat, 0).reshape(-1, *raw.shape[1:])

    def carriers(self, marker):
        """Cells whose lineage carries the marker, all of them for DAPI."""
        return np.array([c for c, lineage in self.lineage.items() if marker == "DAPI" or MARKER_OF.get(lineage) == marker], int)

    def true_means(self, components):
        """{marker: mean of its component in its compartment, per cell label}, by the true masks."""
        compartments = {"nucleus": self.nuclei, "cytoplasm": np.where(self.nuclei == 0, self.cells, 0),
                        "membrane": np.where(membrane(self.cells, max(MEMBRANE_UM / UM_PER_PX, 1)), self.cells, 0)}
        return {m: np.concatenate([[np.nan], mean_by_label(compartments[c], components[k], self.count)])
                for k, (m, _, c) in enumerate(CHANNELS)}

    def run(self, bench, kind, *options):
        return bench.run(f"{self.name}-{kind}", self.path("raw.ome.tif"), "aml-marrow-6plex", "--library", self.path("library.csv"), *options)


def planes_in_order(unmixed):
    """Components of `unmixed.ome.tif` in the order of CHANNELS and autofluorescence, by marker or by fluorophore."""
    names = [next(n for n in (marker, component) if n in unmixed) for marker, component, _ in CHANNELS]
    return np.stack([unmixed[n] for n in names + [AUTOFLUORESCENCE]])


def bright_pixels(plane, bright=3200, skipped_share=1e-4):
    """Flat positions of the bright pixels of a primary, the brightest 0.01 % left out."""
    skipped = int(np.ceil(skipped_share * plane.size))
    return np.argsort(-plane, axis=None, kind="stable")[skipped:skipped + bright]


def crosstalk(planes):
    """mean(other) / mean(primary) over the bright pixels of each primary (rows: primary)."""
    flat = planes.reshape(len(planes), -1)
    table = np.zeros((len(flat), len(flat)))
    for k, plane in enumerate(flat):
        at = bright_pixels(plane)
        table[k] = flat[:, at].mean(1) / plane[at].mean()
    return table
