#!/usr/bin/python3
"""What the quality mask finds of painted artefacts, and what it takes from slides that have none.

    benchmarks/quality/quality_mask.py [--work DIR] [--only clean real blur fold saturated debris glass noise]

Artefacts are painted onto phantoms whose raw counts are known: parts of the slide blurred (photon and camera noise
drawn anew, as a camera adds it after the optics), the mirrored slide laid over a band (a fold: two layers of tissue),
blobs at the camera's limit, specks brighter than anything else in every band, and glass (nothing but the camera's
offset and noise). Sensitivity is the share of the painted area that is marked with the right reason; what is marked
more than one square away from it is false.
"""
import os
import sys

import numpy as np
import tifffile
from scipy import ndimage as ndi

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "accuracy"))
import common  # noqa: E402
from phantoms import GENERATED, OFFSET, ON_MAPS, Phantom, UM_PER_PX  # noqa: E402

SQUARE = 32
REASONS = ("assessable", "not_scanned", "glass", "saturated", "debris", "fold", "out_of_focus")
PAINTED = ("gen_before", "gen_aplasia", "map1_before", "map2_aplasia")
CAMERA_NOISE = 2.0
MOST_FALSE = 0.01


def png_indexes(path):
    """The palette's indexes of quality.png."""
    from PIL import Image
    return np.array(Image.open(path))


def spread(mask, extent):
    """Squares as pixels."""
    return np.kron(mask, np.ones((SQUARE, SQUARE), mask.dtype))[:extent[0], :extent[1]]


def write(folder, raw, phantom):
    os.makedirs(folder, exist_ok=True)
    path = os.path.join(folder, "raw.ome.tif")
    with tifffile.TiffFile(phantom.path("raw.ome.tif")) as tif:
        names = [c.split('"')[0] for c in tif.ome_metadata.split('Name="')[1:] if not c.startswith("Image")]
    tifffile.imwrite(path, raw, ome=True, photometric="minisblack", metadata={
        "axes": "CYX", "PhysicalSizeX": UM_PER_PX, "PhysicalSizeXUnit": "µm", "PhysicalSizeY": UM_PER_PX, "PhysicalSizeYUnit": "µm",
        "Channel": {"Name": names[-len(raw):]}})
    return path


def run(bench, name, slide, phantom):
    return bench.run(name, slide, "aml-marrow-6plex", "--library", phantom.path("library.csv"))


def disc(shape, cy, cx, radius):
    y, x = np.ogrid[:shape[0], :shape[1]]
    return (y - cy) ** 2 + (x - cx) ** 2 < radius ** 2


def photons(rng, light):
    return np.clip(np.rint(rng.poisson(np.clip(light, 0, None)) + rng.normal(0, CAMERA_NOISE, light.shape) + OFFSET), 0, 65535).astype(np.uint16)


def blurred(raw, rng, sigma_um):
    shape = raw.shape[1:]
    where = disc(shape, 0.45 * shape[0], 0.4 * shape[1], 0.28 * min(shape))
    soft = np.stack([ndi.gaussian_filter(b.astype(np.float32) - OFFSET, sigma_um / UM_PER_PX) for b in raw])
    return np.where(where, photons(rng, soft), raw), where


def folded(raw, rng):
    shape = raw.shape[1:]
    y, x = np.mgrid[:shape[0], :shape[1]]
    where = np.abs(0.9 * x + 0.44 * y - 0.6 * shape[1]) < 45 / UM_PER_PX
    return np.where(where, raw + (raw[:, ::-1, ::-1] - OFFSET), raw).astype(np.uint16), where


def saturated(raw, rng):
    shape = raw.shape[1:]
    where = np.zeros(shape, bool)
    for _ in range(6):
        where |= disc(shape, rng.uniform(0, shape[0]), rng.uniform(0, shape[1]), rng.uniform(15, 40) / UM_PER_PX)
    return np.where(where, 65535, raw).astype(np.uint16), where


def littered(raw, rng):
    shape = raw.shape[1:]
    where = np.zeros(shape, bool)
    for _ in range(10):
        where |= disc(shape, rng.uniform(0, shape[0]), rng.uniform(0, shape[1]), rng.uniform(8, 20) / UM_PER_PX)
    bright = 10 * (np.mean(raw, (1, 2)) - OFFSET)[:, None, None] * np.ones((1, *shape))
    return np.where(where, photons(rng, bright), raw), where


def on_glass(raw, rng):
    shape = raw.shape[1:]
    y, x = np.mgrid[:shape[0], :shape[1]]
    edge = 0.35 * shape[1] + 20 / UM_PER_PX * np.sin(y / 60.0)
    where = x < edge
    return np.where(where, photons(rng, np.zeros(raw.shape)), raw), where


def judge(figures, title, mask, shape, where, reason, least):
    marked = spread(mask, shape)
    hit = (marked == REASONS.index(reason))[where].mean()
    some = ((marked > 2) | (marked == REASONS.index(reason)))[where].mean()
    away = ~ndi.binary_dilation(where, iterations=SQUARE)
    false = (marked > 0)[away].mean() if away.any() else 0.0
    figures.add(f"{title}: painted area marked {reason}", hit, least, note=f"{some:.3f} with any reason")
    figures.add(f"{title}: rest marked with anything", false, None, MOST_FALSE)


PAINTERS = {
    "blur": [(f"blur {s} um", lambda raw, rng, s=s: blurred(raw, rng, s), "out_of_focus", least) for s, least in ((1.0, None), (1.5, 0.5), (2.5, 0.6), (4.0, 0.6))],
    "fold": [("fold", folded, "fold", 0.3)],
    "saturated": [("saturated", saturated, "saturated", 0.95)],
    "debris": [("debris", littered, "debris", 0.85)],
    "glass": [("glass", on_glass, "glass", 0.85)],
}


def clean(bench, figures):
    for name in (*GENERATED, *ON_MAPS):
        phantom = Phantom(bench, name)
        result = run(bench, "clean-" + name, phantom.path("raw.ome.tif"), phantom)
        figures.add(f"clean {name}: area marked", 1 - result.summary()["quality"]["area_mm2"]["assessable"] / sum(result.summary()["quality"]["area_mm2"].values()), None, MOST_FALSE)


def painted(bench, figures, kind):
    for name in PAINTED:
        phantom = Phantom(bench, name)
        raw = np.stack(common.read_pages(phantom.path("raw.ome.tif")))
        for title, painter, reason, least in PAINTERS[kind]:
            changed, where = painter(raw, np.random.default_rng(7))
            label = f"{name}-{title.replace(' ', '_')}"
            result = run(bench, label, write(os.path.join(bench.work, "painted", label), changed, phantom), phantom)
            judge(figures, f"{name}, {title}", png_indexes(result.path("quality.png")), raw.shape[1:], where, reason, least)


def noise(bench, figures):
    phantom = Phantom(bench, PAINTED[0])
    raw = photons(np.random.default_rng(3), np.zeros((len(phantom.library()), 512, 512)))
    result = run(bench, "noise", write(os.path.join(bench.work, "painted", "noise"), raw, phantom), phantom)
    figures.add("pure noise: tissue in mm2", result.summary()["quality"]["tissue_mm2"], None, 0)
    figures.add("pure noise: warnings of no tissue", sum("no tissue" in w for w in result.summary()["warnings"]), 1, 1)


def real(bench, figures):
    shared = [("codex", common.data("codex_experts", "R001_X003_Y004"), "codex", 0.377), ("mif7", common.data("mif7_breast", "ABCM22001_B09_MiniCrop.tif"), "breast-7plex", 0.5),
              ("mibi", common.data("mibi_point8", "TIFs"), "mibi", 0.39), ("nuclei512", common.data("nuclei", "img2d.tif"), "nuclei", 0.35),
              ("nuclei256", common.data("nuclei", "test_img2d.tif"), "nuclei", 0.8),
              ("fihc4", common.data("inform_fihc4", "FIHC4__0929309_HP_IM3_2_component_data.tif"), "inform-bt-cell", None)]
    shared += [(n, common.data("nuclei_dsb", n + ".png"), "nuclei", 0.5) for n in ("fl_0ea22171", "fl_777f7c42", "fl_9ebcfaf2", "fl_bde3727f", "fl_c53326fe", "fl_f728de04")]
    shared += [(f"vignetted{i}{j}", common.data("vignetted", f"AS_09047_050428030001_O0{i}f0{j}d2.TIF"), "nuclei", 0.65) for i in (1, 2, 3) for j in (0, 1, 2)]
    for name, slide, panel, um in shared:
        result = bench.run("real-" + name, slide, panel, *([] if um is None else ["--um-per-px", um]))
        areas = result.summary()["quality"]["area_mm2"]
        whole = sum(areas.values())
        found = ", ".join(f"{k} {v / whole:.3f}" for k, v in areas.items() if v > 0 and k != "assessable")
        figures.add(f"real {name}: area marked", 1 - areas["assessable"] / whole, None, MOST_FALSE, note=found)


GROUPS = {"clean": clean, "real": real, "noise": noise, **{k: lambda b, f, k=k: painted(b, f, k) for k in PAINTERS}}


def measure(bench, figures, only=None):
    for name, work in GROUPS.items():
        if not only or name in only:
            common.section(figures, name, lambda: work(bench, figures))


if __name__ == "__main__":
    common.main(measure, __doc__)
