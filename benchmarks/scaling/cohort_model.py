"""What a cohort costs: the closed form of docs/scaling.md. Python's library and NumPy only."""
import json
import os
from statistics import NormalDist

import numpy

HERE = os.path.dirname(os.path.abspath(__file__))


def read_costs(path=os.path.join(HERE, "costs.json")):
    with open(path) as file:
        costs = json.load(file)
    return {**costs["measured"], **costs["assumed"]}


def draw_cohort(c, chance):
    """Pixels of each slide, whether it is damaged, and whether its first attempt crashes."""
    k = c["cohort"]
    n = k["slides"]
    whole = numpy.minimum(k["whole_median_px"] * chance.lognormal(0, k["whole_log_sd"], n), k["largest_px"])
    pixels = numpy.where(chance.random(n) < k["fields"], k["field_px"], whole)
    return pixels, chance.random(n) < c["damaged_slides"], chance.random(n) < c["crashes"]


def jobs_per_node(c):
    """As `hexaplex batch` has it by default: one for each four threads."""
    return max(1, int(c["cores_per_node"] // c["threads_per_job"]))


def cpu_seconds(c, pixels, threads, memory):
    """Without waiting for storage: Amdahl's law on what the slide's size costs, more where it outgrows its share of memory."""
    need = pixels * c["memory_bytes_per_px"] + c["memory_bytes_fixed"]
    per_gpx = numpy.where(need <= memory, c["cpu_core_seconds_per_gpx"], c["cpu_scratch_core_seconds_per_gpx"])
    serial = c["cpu_serial_share"]
    return c["seconds_per_slide"] + pixels / 1e9 * per_gpx * (serial + (1 - serial) / threads)


def input_bytes(c, pixels):
    return pixels * c["input_bytes_per_px"] * c["input_passes"]


def output_bytes(c, pixels):
    return pixels * c["output_bytes_per_px"]


def shares(c):
    """Threads and memory of a job beside others, and of one alone on its node."""
    jobs, memory = jobs_per_node(c), c["memory_bytes_per_node"] * 4 // 5
    return (c["threads_per_job"], memory // jobs), (jobs * c["threads_per_job"], memory)


def attempts(c, pixels, damaged, crashed):
    """Seconds of CPU and bytes of each slide's first attempt and of its second, alone. A damaged slide fails when it is opened; a crash
    comes half way on average, after the reading."""
    beside, alone = shares(c)
    cpu, again = cpu_seconds(c, pixels, *beside), cpu_seconds(c, pixels, *alone)
    read, written = input_bytes(c, pixels), output_bytes(c, pixels)
    first = numpy.where(damaged, c["seconds_per_slide"], numpy.where(crashed, cpu / 2, cpu))
    read_first = numpy.where(damaged, 0.0, read)
    written_first = numpy.where(damaged | crashed, 0.0, written)
    second = crashed & ~damaged
    return (first, read_first, written_first), (numpy.where(second, again, 0.0), numpy.where(second, read, 0.0), numpy.where(second, written, 0.0)), second


def largest_of(n, mean, sd, skew):
    """Expected largest of n draws, by Blom's score and the first term of Cornish and Fisher."""
    if n <= 1:
        return mean
    z = NormalDist().inv_cdf((n - 0.375) / (n + 0.25))
    return mean + sd * (z + (z * z - 1) * skew / 6)


def shard_time(c, first, again, slides):
    """Mean, deviation and skewness of the seconds that a node needs for so many slides drawn at random."""
    jobs, lane = jobs_per_node(c), first.mean()
    # The last slides: jobs that are done wait for the others (residual life, taken as exponential for the largest of few).
    residual = (first ** 2).mean() / (2 * lane)
    end = residual * (sum(1 / k for k in range(1, jobs + 1)) - 1)
    each = first / jobs + again
    mean = c["seconds_to_start_a_task"] + slides * each.mean() + end
    return mean, (slides * each.var()) ** 0.5, ((each - each.mean()) ** 3).mean() / each.std() ** 3 / slides ** 0.5


def predict(c, cohort, nodes, shards_per_node):
    """Seconds that a cohort takes on so many nodes, from sums and moments only, and what bounds it."""
    pixels, damaged, crashed = cohort
    rate = c["bytes_per_second_per_job"]
    (cpu, read, written), (cpu2, read2, written2), _ = attempts(c, pixels, damaged, crashed)
    tasks, slow = nodes * shards_per_node, round(c["slow_nodes"] * nodes)
    kinds = []  # nodes, and the mean and largest time of a shard on them
    for count, speed in ((nodes - slow, 1.0), (slow, c["slow_node_speed"])):
        if count:
            moments = shard_time(c, cpu / speed + (read + written) / rate, cpu2 / speed + (read2 + written2) / rate, len(pixels) / tasks)
            kinds.append((count, moments[0], largest_of(count, *moments)))
    even = tasks / sum(count / mean for count, mean, _ in kinds)  # were the work shared out to the last second
    if shards_per_node == 1:
        last = max(largest for _, _, largest in kinds)
        busy = last
    else:
        # Shards go to whoever is free: when none is left each node has half a one before it on average, some nearly all of it.
        last = max(largest * count / (count + 1) for count, _, largest in kinds)
        busy = even * (1 - 0.5 / shards_per_node) + last
    stored = float((read + written + read2 + written2).sum()) / c["shared_bytes_per_second"]
    total = busy
    if stored > even:
        # Everybody waits for the storage until nearly all is moved. Then the last shard, which began when the queue was empty, has
        # the storage for itself for what is left of it.
        usual = stored / shards_per_node
        begun = stored if shards_per_node == 1 else usual / 2
        waited = last + max(0.0, usual - even / shards_per_node)
        total = max(busy, stored + last * max(0.0, 1 - begun / waited))
    jobs = jobs_per_node(c)
    return {"seconds": total, "storage": stored, "bound": "storage" if stored > even else "nodes",
            "largest": float((cpu + (read + written) / rate).max()),
            "core_seconds": float((cpu * c["threads_per_job"] + cpu2 * jobs * c["threads_per_job"]).sum())}
