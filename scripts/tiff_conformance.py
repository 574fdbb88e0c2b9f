#!/usr/bin/python3
"""Runs the readers over a corpus of valid and malformed TIFFs.

    scripts/tiff_conformance.py --build build/cpu --data ../shared/data/tiff_conformance [--panel PANEL]

Malformed files: `hexaplex info`, the pixel reader and, with --panel, `hexaplex run` must each end with exit code 3 and
one sentence (info may succeed where only the pixels are damaged), within 20 seconds and 1 GiB of address space.
Valid files: pixels equal those of tifffile, read from the file itself or from what libtiff's tiffcp makes of it, or those
of Pillow where neither decodes it; or the file is refused by the name of its codec or layout.
--slides compares further slides, z-stacks and pictures with tifffile's first series or Pillow.
Needs Debian's python3-tifffile, python3-pil and libtiff-tools. Exit code 0 where all is as it should be.
"""

import argparse
import os
import pathlib
import resource
import subprocess
import sys
import tempfile

import numpy as np
import PIL.Image
import tifffile

LIMIT_BYTES = 1 << 30
LIMIT_SECONDS = 20
REFUSALS = ("not supported", "compression", "predictor", "palette", "makes no sense")


def limited():
    resource.setrlimit(resource.RLIMIT_AS, (LIMIT_BYTES, LIMIT_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def run(command):
    try:
        done = subprocess.run(command, capture_output=True, timeout=LIMIT_SECONDS, preexec_fn=limited)
    except subprocess.TimeoutExpired:
        return None, b"", "no end within %d seconds" % LIMIT_SECONDS
    return done.returncode, done.stdout, done.stderr.decode("utf-8", "replace").strip()


def parse_dump(out, every_z=False):
    line, _, data = out.partition(b"\n")
    channels, z, height, width = (int(x) for x in line.split())
    planes = np.frombuffer(data, np.float32).reshape(channels, z, height, width)
    return planes if every_z else planes[:, 0]


def unpack_bits(page, handle):
    """Samples of any width below 32 bits from uncompressed strips, by numpy alone."""
    bits, samples = page.bitspersample, page.samplesperpixel
    planar = page.planarconfig == 2 and samples > 1
    per_row = page.imagewidth * (1 if planar else samples)
    row_bytes = (per_row * bits + 7) // 8
    planes = samples if planar else 1
    raw = b""
    for offset, count in zip(page.dataoffsets, page.databytecounts):
        handle.seek(offset)
        raw += handle.read(count)
    data = np.frombuffer(raw, np.uint8)[: row_bytes * page.imagelength * planes].reshape(planes * page.imagelength, row_bytes)
    if page.parent.byteorder == "<" and bits == 24:
        data = data.reshape(-1, per_row, 3)[:, :, ::-1].reshape(planes * page.imagelength, row_bytes)
    ones = np.unpackbits(data, axis=1)[:, : per_row * bits].reshape(planes * page.imagelength, per_row, bits)
    values = (ones.astype(np.uint64) << np.arange(bits - 1, -1, -1, dtype=np.uint64)).sum(-1)
    if planar:
        return values.reshape(samples, page.imagelength, page.imagewidth)
    return np.moveaxis(values.reshape(page.imagelength, page.imagewidth, samples), -1, 0)


def page_samples(page, handle):
    """[sample][y][x] of a page."""
    bits = page.bitspersample if isinstance(page.bitspersample, int) else page.bitspersample[0]
    plain = page.compression == 1 and not page.is_tiled and int(page.fillorder) == 1
    if plain and bits not in (8, 16, 32, 64) and page.sampleformat == 1:
        return unpack_bits(page, handle)
    array = page.asarray()
    if page.samplesperpixel == 1:
        return array[None]
    return array if page.planarconfig == 2 else np.moveaxis(array, -1, 0)


def reference(path):
    """[channel][y][x] as tifffile sees it: pages like the first, without alpha."""
    with tifffile.TiffFile(path) as t, open(path, "rb") as handle:
        first = t.pages[0]
        out = []
        for i in range(len(t.pages)):
            p = t.pages[i]
            p = p.aspage() if hasattr(p, "aspage") else p
            if p.shape != first.shape or p.dtype != first.dtype or (i > 0 and p.is_reduced):
                continue
            samples = page_samples(p, handle)
            colour = int(p.photometric) in (2, 6)
            extra = p.extrasamples
            alpha = None
            if extra and int(extra[0]) in (1, 2):
                alpha = len(samples) - len(extra)
            elif colour and not extra and len(samples) > 3:
                alpha = 3
            out += [s for k, s in enumerate(samples) if k != alpha]
        return np.stack(out)


def references(path, folder):
    """Reference pixels, from the file and else from copies that libtiff's own tool made."""
    yield "tifffile", lambda: reference(path)
    for options in (["-c", "none"], ["-c", "none", "-s"]):
        copy = os.path.join(folder, "copy.tif")

        def converted(options=options, copy=copy):
            if os.path.exists(copy):
                os.remove(copy)
            # tiffcp takes what follows a comma as a page, so it gets a link with a plain name
            link = os.path.join(folder, "original.tif")
            if os.path.lexists(link):
                os.remove(link)
            os.symlink(os.path.abspath(path), link)
            subprocess.run(["tiffcp", *options, link, copy], check=True, capture_output=True, timeout=60)
            return reference(copy)

        yield "tiffcp " + " ".join(options), converted

    def by_pillow():  # the only one here that decodes subsampled YCbCr
        with PIL.Image.open(path) as image:
            return np.moveaxis(np.asarray(image.convert("RGB")), -1, 0)

    yield "Pillow", by_pillow


def check_valid(path, tool, folder):
    code, out, message = run([tool, path])
    if code == 3:
        named = any(word in message for word in REFUSALS)
        return ("refused", message) if named else ("WRONG", "refused, but not by codec or layout: " + message)
    if code != 0:
        return "WRONG", "exit code %s: %s" % (code, message)
    ours = parse_dump(out)
    failures = []
    for how, make in references(path, folder):
        try:
            theirs = make()
        except Exception as e:
            failures.append("%s: %s" % (how, str(e)[:80]))
            continue
        if theirs.shape == ours.shape and np.array_equal(theirs.astype(np.float32), ours):
            return "equal", "%s, %s" % (how, "x".join(map(str, ours.shape)))
        if theirs.shape == ours.shape:
            return "WRONG", "%s: %d of %d values differ" % (how, (theirs.astype(np.float32) != ours).sum(), ours.size)
        return "WRONG", "%s gives %s, we give %s" % (how, theirs.shape, ours.shape)
    return "NO REFERENCE", "; ".join(failures)


def series_pixels(path, folder):
    """[channel][z][y][x] of the first series, by Pillow for pictures."""
    if path.lower().endswith((".png", ".jpg", ".jpeg")):
        with PIL.Image.open(path) as image:
            array = np.asarray(image)
        array = np.moveaxis(array[..., None] if array.ndim == 2 else array, -1, 0)[:3]
        return (array[:1] if (array[0] == array).all() else array)[:, None]
    with tifffile.TiffFile(path) as t:
        series = t.series[0]
        axes = ["C" if a in "IQ" else a for a in series.axes]
        try:
            array = series.asarray()
        except Exception:  # a codec that tifffile leaves to another package
            array = next(iter_references(path, folder))
            return array[:, None]
    if "S" in axes:
        return np.moveaxis(array, axes.index("S"), 0)[:3, None]
    for axis in "ZC":
        if axis not in axes:
            axes.insert(0, axis)
            array = array[None]
    return np.transpose(array, [axes.index(a) for a in "CZYX"])


def iter_references(path, folder):
    for _, make in references(path, folder):
        try:
            yield make()
        except Exception:
            continue


def check_slide(path, tool, folder):
    code, out, message = run([tool, path])
    if code != 0:
        return "WRONG", "exit code %s: %s" % (code, message)
    ours = parse_dump(out, every_z=True)
    theirs = series_pixels(path, folder).astype(np.float32)
    if theirs.shape != ours.shape or not np.array_equal(theirs, ours):
        return "WRONG", "%s and %s, or other values" % (theirs.shape, ours.shape)
    return "equal", "x".join(map(str, ours.shape))


def check_malformed(path, commands):
    worst = "error"
    message = ""
    for name, command in commands:
        code, _, said = run([*command(path)])
        if name != "info":
            message = said
        if code == 3 and said.count("\n") == 0 and said:
            continue
        if name == "info" and code == 0:
            continue
        worst, message = "WRONG", "%s: exit code %s: %s" % (name, code, said[:200])
        break
    return worst, message


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--build", default="build/cpu")
    parser.add_argument("--data", default="../shared/data/tiff_conformance")
    parser.add_argument("--panel", help="also put malformed files through `hexaplex run` with this panel")
    parser.add_argument("--all", action="store_true", help="name every file, not only those that are wrong")
    parser.add_argument("--slides", nargs="*", default=[], help="more slides to compare, by their first series")
    arguments = parser.parse_args()
    program = os.path.join(arguments.build, "hexaplex")
    tool = os.path.join(arguments.build, "dump_pixels")
    data = pathlib.Path(arguments.data)
    counts = {}

    with tempfile.TemporaryDirectory() as folder:
        commands = [("info", lambda p: [program, "info", p]), ("pixels", lambda p: [tool, p])]
        if arguments.panel:
            commands.append(("run", lambda p: [program, "run", p, "--panel", arguments.panel, "--um-per-px", "0.5", "--out",
                                               os.path.join(folder, "out"), "--device", "cpu"]))
        for path in sorted(p for p in data.rglob("*") if p.is_file()):
            kind = path.relative_to(data).parts[0]
            if kind == "malformed":
                verdict, message = check_malformed(str(path), commands)
            elif path.suffix.lower() in (".tif", ".tiff"):
                kind = "valid"
                verdict, message = check_valid(str(path), tool, folder)
            else:
                continue
            counts[(kind, verdict)] = counts.get((kind, verdict), 0) + 1
            if arguments.all or verdict.isupper():
                print("%-9s %-12s %s\n%s%s" % (kind, verdict, path.relative_to(data), " " * 23, message[:300]))
        for path in arguments.slides:
            verdict, message = check_slide(path, tool, folder)
            counts[("slides", verdict)] = counts.get(("slides", verdict), 0) + 1
            if arguments.all or verdict.isupper():
                print("slides    %-12s %s\n%s%s" % (verdict, path, " " * 23, message[:300]))
    for (kind, verdict), n in sorted(counts.items()):
        print("%-10s %-13s %d" % (kind, verdict, n))
    return 1 if any(verdict.isupper() for _, verdict in counts) else 0


if __name__ == "__main__":
    sys.exit(main())
