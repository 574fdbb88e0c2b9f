#!/usr/bin/python3
"""Accidents that come from outside, brought about on purpose under a running batch.

    scripts/batch_accidents.py [--changes 40] [--side 2600] [--only NAME] [--hexaplex build/cpu/hexaplex]

Disks that are full (results, scratch, ledger), a file system that turns read-only, slides that are deleted, cut short, changed or
unmounted while they are read, results that are removed. Each time: an error that says what, where and how to mend it, in the
ledger and on stderr, the right exit code, earlier results untouched, nothing partial under a final name; and after the cause is
mended `--resume` ends in the bytes of a batch to which nothing happened. Exit status 1 at the first difference.

Small disks are mounts that this script makes, so those accidents need root and are skipped, visibly, without it.
"""
import argparse
import contextlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from batch_interruptions import MARROW, ROOT, finished, make_cohort, tables, workers_of
from slide_files import write_mosaic

MIB = 1 << 20
SLIDES = 3


class Skip(Exception):
    pass


def call(*words):
    """A system program; its refusal is a reason to skip."""
    try:
        done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    except FileNotFoundError as missing:
        raise Skip(f"{missing.filename} is not installed") from missing
    if done.returncode != 0:
        raise Skip(f"`{' '.join(words)}` does not work here: {done.stdout.strip().splitlines()[:1]}")


@contextlib.contextmanager
def mounted(folder, *how):
    os.makedirs(folder, exist_ok=True)
    call("mount", *how, folder)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], stderr=subprocess.DEVNULL)


def small_disk(folder, bytes_):
    return mounted(folder, "-t", "tmpfs", "-o", f"size={bytes_}", "none")


def free_bytes(folder):
    state = os.statvfs(folder)
    return state.f_bavail * state.f_frsize


def size_of(folder):
    return sum(os.path.getsize(os.path.join(base, name)) for base, _, names in os.walk(folder) for name in names)


def events(out, event):
    """Ledger lines of one event; a line that is being written is passed over."""
    found = []
    with contextlib.suppress(FileNotFoundError), open(os.path.join(out, "ledger.jsonl"), errors="replace") as ledger:
        for line in ledger:
            with contextlib.suppress(ValueError):
                entry = json.loads(line)
                if entry["event"] == event:
                    found.append(entry)
    return found


class Campaign:
    def __init__(self, args, work):
        self.args, self.work = args, work
        self.stems = []
        self.cohort = make_cohort(self.folder("slides"), SLIDES)
        self.slides = sorted(name for name in os.listdir(self.folder("slides")) if name.endswith(".tif"))
        self.stems = [name.removesuffix(".ome.tif") for name in self.slides]
        reference = self.folder("reference")
        assert self.run(reference)[0] == 0
        self.reference, self.reference_tables = finished(reference), tables(reference)
        self.result_bytes = [size_of(os.path.join(reference, stem)) for stem in self.stems]
        assert len(self.reference) == SLIDES

    def folder(self, name):
        path = os.path.join(self.work, name)
        os.makedirs(path, exist_ok=True)
        return path

    def start(self, out, *more, cohort=None):
        command = [self.args.hexaplex, "batch", cohort or self.cohort, "--panel", "aml-marrow-6plex", "--library",
                   os.path.join(MARROW, "library.csv"), "--out", out, "--device", "cpu", "--threads", "2", "--resume"]
        if "--jobs" not in more:
            more = ("--jobs", "1", *more)
        return subprocess.Popen([*command, *more], stderr=subprocess.PIPE, text=True)

    def run(self, out, *more, cohort=None):
        process = self.start(out, *more, cohort=cohort)
        said = process.communicate()[1]
        return process.returncode, said

    @contextlib.contextmanager
    def paused_in(self, process, out, stem):
        """Stops the worker of one slide as soon as it is there, for as long as the block lasts."""
        until = time.time() + 60
        while not any(entry["slide"] == stem for entry in events(out, "start")):
            assert process.poll() is None and time.time() < until, f"{stem} was never begun: {process.communicate()[1]}"
            time.sleep(0.001)
        workers = []
        while not workers and process.poll() is None:
            workers = workers_of(process.pid)
        for worker in workers:
            os.kill(worker, signal.SIGSTOP)
        try:
            yield
        finally:
            for worker in workers:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(worker, signal.SIGCONT)

    def check_earlier(self, out, stems, reference=None):
        """Exactly these results are there, whole, and nothing half."""
        there, reference = finished(out), reference or self.reference
        assert sorted(there) == sorted(stems), f"results: {sorted(there)}, expected {sorted(stems)}"
        for stem in stems:
            assert there[stem] == reference[stem], f"{stem} is not the reference's"
        left = [name for name in os.listdir(out) if ".partial" in name or ".previous" in name]
        assert not left, f"left behind: {left}"

    def check_failed(self, out, said, stem, code, *words):
        last = [entry for entry in events(out, "failed") if entry["slide"] == stem][-1]
        assert last["exit_code"] == code, f"{stem}: exit code {last['exit_code']}, expected {code}: {last['why']}"
        for word in words:
            assert word in last["why"], f"{stem}: '{word}' is not in: {last['why']}"
            assert word in said, f"{stem}: '{word}' was not said on stderr"
        print(f"    {stem}: {last['why'].replace(self.work + os.sep, '')}", flush=True)

    def check_refused(self, code, said, *words):
        assert code == 6, f"ended with {code}: {said}"
        last = said.strip().splitlines()[-1]
        for word in words:
            assert word in last, f"'{word}' is not in: {last}"
        print(f"    {last.replace(self.work + os.sep, '')}", flush=True)

    def check_mended(self, out, *more, cohort=None, reference=None, reference_tables=None):
        before = {stem: os.stat(os.path.join(out, stem, "run.json")).st_mtime_ns for stem in finished(out)}
        code, said = self.run(out, *more, cohort=cohort)
        assert code == 0, f"resuming ended with {code}: {said}"
        reference = reference or self.reference
        self.check_earlier(out, list(reference), reference)
        assert tables(out) == (reference_tables or self.reference_tables), "the cohort's tables differ"
        for stem, written in before.items():
            assert os.stat(os.path.join(out, stem, "run.json")).st_mtime_ns == written, f"{stem} was done again"


# --- full disks

def results_disk_full(c):
    """The third result does not fit."""
    room = sum(c.result_bytes[:2]) + c.result_bytes[2] // 2 + MIB // 2
    for jobs in ("1", "2"):
        with small_disk(c.folder("small"), room) as disk:
            out = os.path.join(disk, "out")
            code, said = c.run(out, "--jobs", jobs)
            assert code == 4, f"ended with {code}: {said}"
            done = sorted({entry["slide"] for entry in events(out, "done")})
            assert len(done) == 2, f"done: {done}"
            (lost,) = set(c.stems) - set(done)
            c.check_failed(out, said, lost, 6, "No space left on device", os.path.join(disk, "out"), "free space there")
            c.check_earlier(out, done)
            call("mount", "-o", f"remount,size={8 * room}", disk)
            c.check_mended(out)


def ledger_disk_full(c):
    """Not one byte is free when the batch begins."""
    with small_disk(c.folder("small"), 16 * MIB) as disk:
        out, filler = os.path.join(disk, "out"), os.path.join(disk, "filler")
        with open(filler, "wb", buffering=0) as file, contextlib.suppress(OSError):
            while True:
                file.write(bytes(4096))
        code, said = c.run(out)
        c.check_refused(code, said, "ledger.jsonl", "No space left on device", "free space there")
        c.check_earlier(out, [])
        os.remove(filler)
        c.check_mended(out)


def ledger_disk_full_in_the_middle(c):
    """Something else fills the disk while a slide is worked on: the ledger has kept room to say so."""
    with small_disk(c.folder("small"), 64 * MIB) as disk:
        out, filler = os.path.join(disk, "out"), os.path.join(disk, "filler")
        process = c.start(out)
        with c.paused_in(process, out, c.stems[1]):
            with open(filler, "wb", buffering=0) as file, contextlib.suppress(OSError):
                while True:
                    file.write(bytes(4096))
        said = process.communicate()[1]
        # The tables find no room at the end, which is the batch's own failure.
        c.check_refused(process.returncode, said, "No space left on device", "free space there")
        for stem in c.stems[1:]:
            c.check_failed(out, said, stem, 6, "No space left on device", "free space there")
        c.check_earlier(out, c.stems[:1])
        os.remove(filler)
        c.check_mended(out)


def scratch_disk_full(c):
    """A slide that needs scratch, and a scratch disk that is too small for it."""
    cohort, reference, reference_tables = c.large_cohort()
    out = c.folder("scratch_out")
    limit = ("--memory-limit", "420M")
    with small_disk(c.folder("scratch"), 48 * MIB) as scratch:
        code, said = c.run(out, *limit, "--scratch", scratch, cohort=cohort)
        assert code == 4, f"ended with {code}: {said}"
        c.check_failed(out, said, "large", 6, "no scratch file", "No space left on device", scratch, "--scratch")
        c.check_earlier(out, ["small"], reference)
        assert free_bytes(scratch) > 47 * MIB, "the scratch disk still holds something"
        call("mount", "-o", "remount,size=4G", scratch)
        c.check_mended(out, *limit, "--scratch", scratch, cohort=cohort, reference=reference, reference_tables=reference_tables)


# --- a file system that turns read-only

def turns_read_only(c):
    """As ext4 does when its disk fails: at once, under open files."""
    image = os.path.join(c.work, "image")
    with open(image, "wb") as file:
        file.truncate(128 * MIB)
    call("mkfs.ext4", "-q", "-F", image)
    disk = c.folder("ext4")
    out = os.path.join(disk, "out")
    with mounted(disk, "-o", "loop", image):
        process = c.start(out)
        with c.paused_in(process, out, c.stems[2]):
            call("mount", "-o", "remount,abort", disk)
        said = process.communicate()[1]
        c.check_refused(process.returncode, said, "ledger.jsonl", "Read-only file system", "can be written to")
        code, said = c.run(out)
        c.check_refused(code, said, "Read-only file system", "can be written to")
    subprocess.run(["e2fsck", "-p", image], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    with mounted(disk, "-o", "loop", image):
        there = finished(out)
        assert sorted(there) == sorted(c.stems[:2]), f"what was done and said to be on the disk: {sorted(there)}"
        for stem in there:
            assert there[stem] == c.reference[stem], f"{stem} is not the reference's"
        c.check_mended(out)


# --- slides that are lost

def input_deleted(c):
    """Before its turn: a slide that was there when the batch began."""
    out, slide = c.folder("deleted"), os.path.join(c.work, "slides", c.slides[1])
    process = c.start(out)
    with c.paused_in(process, out, c.stems[0]):
        os.rename(slide, slide + ".away")
    said = process.communicate()[1]
    os.rename(slide + ".away", slide)
    assert process.returncode == 4, f"ended with {process.returncode}: {said}"
    c.check_failed(out, said, c.stems[1], 3, slide, "No such file", "disk mounted")
    c.check_earlier(out, [c.stems[0], c.stems[2]])
    c.check_mended(out)


def input_unmounted(c):
    """The share that holds the slides goes away under the batch."""
    with small_disk(c.folder("share"), 64 * MIB) as share:
        cohort = make_cohort(share, SLIDES)
        shutil.copy(cohort, os.path.join(c.work, "share.csv"))
        with open(cohort) as table:
            lines = table.read().splitlines()
        kept = os.path.join(c.work, "share.csv")
        with open(kept, "w") as table:
            table.write("\n".join([lines[0]] + [os.path.join(share, line) for line in lines[1:]]) + "\n")
        out = c.folder("unmounted")
        process = c.start(out, cohort=kept)
        with c.paused_in(process, out, c.stems[1]):
            call("umount", "-l", share)
        said = process.communicate()[1]
        assert process.returncode == 4, f"ended with {process.returncode}: {said}"
        for stem in c.stems[1:]:
            c.check_failed(out, said, stem, 3, share, stem)
        c.check_earlier(out, c.stems[:1])
        with small_disk(share, 64 * MIB):
            make_cohort(share, SLIDES)
            c.check_mended(out, cohort=kept)


def input_changed(c):
    """At any moment: content exchanged by a rename or written over in place, cut short, deleted. Whatever is kept was made
    of the content of which the hash is recorded."""
    chance = random.Random(c.args.seed)
    cohort, reference, _ = c.large_cohort()
    folder = os.path.dirname(cohort)
    slide, first, second = (os.path.join(folder, name) for name in ("large.ome.tif", "first", "second"))
    os.replace(slide, first)
    write_mosaic(os.path.join(MARROW, "aplasia.ome.tif"), second, c.args.side, c.args.side)
    of_hash = {}
    for content in (first, second):
        os.link(content, slide)
        out = c.folder("content")
        start = time.time()
        assert c.run(out, cohort=cohort)[0] == 0
        whole = time.time() - start
        of_hash[input_hash(out)] = finished(out)
        shutil.rmtree(out)
        os.remove(slide)
    assert len(of_hash) == 2

    def in_place():
        with open(second, "rb") as source, open(slide, "rb+") as target:
            shutil.copyfileobj(source, target, 8 * MIB)

    def by_rename():
        shutil.copy(second, slide + ".new")
        os.replace(slide + ".new", slide)

    ways = {"exchanged": by_rename, "written over": in_place, "cut short": lambda: os.truncate(slide, os.path.getsize(slide) // 2),
            "deleted": lambda: os.remove(slide)}
    seen = {}
    for i in range(c.args.changes):
        way = list(ways)[i % len(ways)]
        shutil.copy(first, slide)
        out = c.folder("changed")
        # Small slide first: the large one begins after some tenths of a second.
        process = c.start(out, cohort=cohort)
        time.sleep(chance.uniform(0, whole))
        ways[way]()
        said = process.communicate()[1]
        there = finished(out)
        assert there.get("small", reference["small"]) == reference["small"]
        if "large" in there:
            assert process.returncode == 0 and there["large"] == of_hash[input_hash(out)]["large"], "a result of other pixels than its hash says"
            outcome = "done, of what its hash says"
        else:
            assert process.returncode == 4, f"ended with {process.returncode}: {said}"
            (last,) = [entry for entry in events(out, "failed") if entry["slide"] == "large"]
            assert last["exit_code"] == 3, last["why"]
            outcome = last["why"].replace(folder + os.sep, "").split(";")[0]
            outcome = outcome if "at offset" not in outcome and "damaged" not in outcome else "it is damaged, or ends too early"
        seen.setdefault(way, {}).setdefault(outcome, 0)
        seen[way][outcome] += 1
        if os.path.exists(slide) and os.path.getsize(slide) == os.path.getsize(first):
            code, said = c.run(out, cohort=cohort)
            assert code == 0, f"resuming ended with {code}: {said}"
            assert finished(out) == of_hash[input_hash(out)], "resumed to other bytes"
            with open(slide, "rb") as now, open(second, "rb") as new:
                assert "large" in there or now.read() == new.read()
        shutil.rmtree(out)
    for way, outcomes in seen.items():
        for outcome, times in sorted(outcomes.items()):
            print(f"    {way}, {times} times: {outcome}", flush=True)
    os.replace(first, slide)


def input_hash(out):
    with open(os.path.join(out, "large", "run.json")) as file:
        return json.load(file)["inputs"][0]["sha256"]


# --- results that are lost

def results_folder_removed(c):
    out = c.folder("removed")
    process = c.start(out)
    with c.paused_in(process, out, c.stems[1]):
        shutil.rmtree(out)
    said = process.communicate()[1]
    c.check_refused(process.returncode, said, "ledger.jsonl", "was removed or replaced", "--resume")
    for stem, hashes in (finished(out) if os.path.isdir(out) else {}).items():
        assert hashes == c.reference[stem], f"{stem} is not the reference's"
    c.check_mended(out)


def one_result_removed(c):
    out = c.folder("one_removed")
    process = c.start(out)
    with c.paused_in(process, out, c.stems[1]):
        shutil.rmtree(os.path.join(out, c.stems[0]))
    said = process.communicate()[1]
    assert process.returncode == 4, f"ended with {process.returncode}: {said}"
    c.check_failed(out, said, c.stems[0], 6, "removed after it was done", "--resume")
    c.check_earlier(out, c.stems[1:])
    c.check_mended(out)


ACCIDENTS = (results_disk_full, ledger_disk_full, ledger_disk_full_in_the_middle, scratch_disk_full, turns_read_only,
             input_deleted, input_unmounted, input_changed, results_folder_removed, one_result_removed)


def add_large_cohort(campaign):
    """A small and a large slide, made once, and their results without a limit."""
    made = []

    def large_cohort():
        if not made:
            folder = campaign.folder("large_slides")
            shutil.copy(os.path.join(MARROW, "before.ome.tif"), os.path.join(folder, "small.ome.tif"))
            write_mosaic(os.path.join(MARROW, "before.ome.tif"), os.path.join(folder, "large.ome.tif"), campaign.args.side, campaign.args.side)
            cohort = os.path.join(folder, "cohort.csv")
            with open(cohort, "w") as table:
                table.write("slide\nsmall.ome.tif\nlarge.ome.tif\n")
            out = campaign.folder("large_reference")
            assert campaign.run(out, "--memory-limit", "8G", cohort=cohort)[0] == 0
            made.extend((cohort, finished(out), tables(out)))
        return made

    campaign.large_cohort = large_cohort


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--changes", type=int, default=40, help="times that a slide is changed while it is read")
    parser.add_argument("--side", type=int, default=2600, help="pixels of the large slide; it must not fit in 420 MB")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", help="one accident")
    parser.add_argument("--hexaplex", default=os.path.join(ROOT, "build", "cpu", "hexaplex"))
    args = parser.parse_args()
    happened, skipped = 0, 0
    with tempfile.TemporaryDirectory() as work:
        campaign = Campaign(args, work)
        add_large_cohort(campaign)
        for accident in ACCIDENTS:
            if args.only not in (None, accident.__name__):
                continue
            start = time.time()
            print(f"{accident.__name__}", flush=True)
            try:
                accident(campaign)
                happened += 1
                print(f"    as promised, and mended by --resume ({time.time() - start:.1f} s)", flush=True)
            except Skip as reason:
                skipped += 1
                print(f"    SKIPPED: {reason}", flush=True)
    print(f"{happened} accidents, each with a true error and the uninterrupted bytes after --resume; {skipped} skipped")
    return 0


if __name__ == "__main__":
    sys.exit(main())
