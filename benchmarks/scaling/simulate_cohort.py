#!/usr/bin/python3
"""A cohort of 100,000 slides on 1 to 1,000 nodes, event by event, beside the closed form of docs/scaling.md.

    benchmarks/scaling/simulate_cohort.py [--plot docs/images/scaling.png] [--nodes 1,3,10,...] [--margin 0.15]

Shards hold every N-th slide and are tasks of a Slurm array: a task goes to the next free node and works through its slides in order,
as many at a time as the node has jobs; slides that crashed are tried again at its end, alone. Reading and writing share one storage
evenly. Exit status 1 where model and simulation differ by more than the margin.
"""
import argparse
import heapq
import sys
import time

import numpy

from cohort_model import attempts, draw_cohort, jobs_per_node, predict, read_costs


class Storage:
    """Bytes that all flows share evenly, none faster than a job can: one virtual clock for all."""

    def __init__(self, shared, each):
        self.shared, self.each = shared, each
        self.served, self.now, self.flows = 0.0, 0.0, []  # bytes that every flow has got since the beginning

    def rate(self):
        return min(self.each, self.shared / len(self.flows)) if self.flows else 0.0

    def advance(self, now):
        self.served += self.rate() * (now - self.now)
        self.now = now

    def add(self, now, bytes_, lane):
        self.advance(now)
        heapq.heappush(self.flows, (self.served + bytes_, lane))

    def next_end(self):
        return self.now + max(0.0, self.flows[0][0] - self.served) / self.rate() if self.flows else float("inf")

    def finish(self, now):
        self.advance(now)
        return heapq.heappop(self.flows)[1]


def simulate(c, cohort, nodes, shards_per_node):
    """Seconds until the last slide is done."""
    first, second, retried = attempts(c, *cohort)
    jobs, tasks, n = jobs_per_node(c), nodes * shards_per_node, len(cohort[0])
    slow = round(c["slow_nodes"] * nodes)
    speed = [c["slow_node_speed"] if node < slow else 1.0 for node in range(nodes)]
    storage = Storage(c["shared_bytes_per_second"], c["bytes_per_second_per_job"])
    events, order = [], 0  # (time, tie, lane); a lane is (node, slide, attempt, step)
    waiting = iter(range(tasks))
    queue, again, running = [None] * nodes, [[] for _ in range(nodes)], [0] * nodes
    lanes, last = {}, 0.0

    def at(when, lane):
        nonlocal order
        order += 1
        lanes[order] = lane
        heapq.heappush(events, (when, order))

    def next_task(now, node):
        task = next(waiting, None)
        if task is not None:
            queue[node] = iter(range(task, n, tasks))
            at(now + c["seconds_to_start_a_task"], (node, None, 0, "begin"))

    def start(now, node, slide, attempt):
        nonlocal order
        running[node] += 1
        order += 1
        lanes[order] = (node, slide, attempt, "read")
        storage.add(now, (second if attempt else first)[1][slide], order)

    def fill(now, node):
        while running[node] < jobs and queue[node] is not None:
            slide = next(queue[node], None)
            if slide is None:
                queue[node] = None
                break
            start(now, node, slide, 0)
        if running[node] == 0:
            if again[node]:
                start(now, node, again[node].pop(0), 1)
            else:
                next_task(now, node)

    for node in range(nodes):
        next_task(0.0, node)
    while events or storage.flows:
        flow_end = storage.next_end()
        if events and events[0][0] <= flow_end:
            now, key = heapq.heappop(events)
        else:
            now, key = flow_end, storage.finish(flow_end)
        node, slide, attempt, step = lanes.pop(key)
        cpu, _, written = second if attempt else first
        if step == "begin":
            fill(now, node)
        elif step == "read":
            at(now + cpu[slide] / speed[node], (node, slide, attempt, "compute"))
        elif step == "compute":
            order += 1
            lanes[order] = (node, slide, attempt, "write")
            storage.add(now, written[slide], order)
        else:
            running[node] -= 1
            last = max(last, now)
            if attempt == 0 and retried[slide]:
                again[node].append(slide)
            fill(now, node)
    return last


def plot(path, rows, c):
    import matplotlib
    matplotlib.use("Agg")
    from matplotlib import pyplot
    figure, axes = pyplot.subplots(figsize=(7, 4.4))
    colours = {1: "#b2452f", 8: "#1f6fa8"}
    for shards in sorted({row["shards"] for row in rows}):
        of = [row for row in rows if row["shards"] == shards]
        nodes = [row["nodes"] for row in of]
        name = "one shard a node" if shards == 1 else f"{shards} shards a node"
        axes.loglog(nodes, [row["model"] / 3600 for row in of], "-", color=colours.get(shards), label=f"{name}, model")
        axes.loglog(nodes, [row["simulated"] / 3600 for row in of], "o", color=colours.get(shards), label=f"{name}, simulated", markerfacecolor="none")
    axes.axhline(rows[0]["storage"] / 3600, color="0.5", linestyle="--", linewidth=1)
    axes.annotate("shared storage", (rows[0]["nodes"], rows[0]["storage"] / 3600), textcoords="offset points", xytext=(4, 4), color="0.35")
    axes.axhline(rows[0]["largest"] / 3600, color="0.5", linestyle=":", linewidth=1)
    axes.annotate("largest slide by itself", (rows[0]["nodes"], rows[0]["largest"] / 3600), textcoords="offset points", xytext=(4, 4), color="0.35")
    axes.set_xlabel(f"nodes of {c['cores_per_node']} cores")
    axes.set_ylabel("hours")
    axes.set_title(f"{c['cohort']['slides']:,} slides", fontsize=11)
    axes.grid(True, which="major", color="0.9")
    axes.legend(frameon=False, fontsize=9)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    figure.tight_layout()
    figure.savefig(path, dpi=110, metadata={"Software": None})


def print_costs(c):
    threads = c["threads_per_job"]
    print(f"| of one Gpx | |\n|---|---|\n| CPU, one thread | {c['cpu_core_seconds_per_gpx']} s; {c['cpu_scratch_core_seconds_per_gpx']} s where most of the slide lies on scratch |")
    faster = c["cpu_serial_share"] + (1 - c["cpu_serial_share"]) / threads
    print(f"| the same, {threads} threads (extrapolated) | {c['cpu_core_seconds_per_gpx'] * faster:.0f} s; {c['cpu_scratch_core_seconds_per_gpx'] * faster:.0f} s |")
    print(f"| read | {c['input_passes']} x {c['input_bytes_per_px']:.1f} GB |\n| written | {c['output_bytes_per_px']:.1f} GB |")
    print(f"| scratch, on a local disk | {c['scratch_bytes_per_px']} GB |\n| memory to need no scratch | {c['memory_bytes_per_px']} GB |")
    gpu = c["gpu_seconds_per_gpx"]
    print(f"| GPU | {'not known: no part of the pipeline runs there' if gpu is None else f'{gpu} s'} |\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nodes", default="1,3,10,30,100,300,1000")
    parser.add_argument("--shards", default="1,8", help="shards for each node")
    parser.add_argument("--margin", type=float, default=0.20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--plot")
    args = parser.parse_args()
    c = read_costs()
    cohort = draw_cohort(c, numpy.random.default_rng(args.seed))
    print_costs(c)
    print(f"{len(cohort[0]):,} slides of {cohort[0].sum() / 1e9:,.0f} Gpx, {jobs_per_node(c)} jobs a node\n")
    print("| nodes | shards a node | model, h | simulated, h | model / simulated | cores busy | bound by |")
    print("|---|---|---|---|---|---|---|")
    rows, worst = [], 0.0
    for shards in map(int, args.shards.split(",")):
        for nodes in map(int, args.nodes.split(",")):
            model, start = predict(c, cohort, nodes, shards), time.time()
            simulated = simulate(c, cohort, nodes, shards)
            ratio = model["seconds"] / simulated
            worst = max(worst, abs(ratio - 1))
            used = model["core_seconds"] / (simulated * nodes * c["cores_per_node"])
            print(f"| {nodes:,} | {shards} | {model['seconds'] / 3600:.3g} | {simulated / 3600:.3g} | {ratio:.2f} | {100 * used:.0f} % | {model['bound']} |", flush=True)
            rows.append({"nodes": nodes, "shards": shards, "model": model["seconds"], "simulated": simulated, **{k: model[k] for k in ("storage", "largest")}})
            if time.time() - start > 120:
                print(f"  ({time.time() - start:.0f} s to simulate)", file=sys.stderr)
    if args.plot:
        plot(args.plot, rows, c)
    print(f"\nModel and simulation differ by at most {100 * worst:.0f} %, allowed are {100 * args.margin:.0f} %.")
    return 0 if worst <= args.margin else 1


if __name__ == "__main__":
    sys.exit(main())
