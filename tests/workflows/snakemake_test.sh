#!/usr/bin/env bash
# The Snakemake workflow with a damaged and a missing slide, again after that, and after both were mended:
# snakemake_test.sh HEXAPLEX
# Skips, visibly, where Snakemake is not there.
set -euo pipefail
hexaplex=$1
source "$(dirname "$0")/common.sh"
trap 'rm -rf "$work"' EXIT

for program in snakemake python3; do
  command -v "$program" >/dev/null || skip "no $program; scripts/test_workflows.sh installs it"
done

flow() { # sets $code
  code=0
  HOME=$work XDG_CACHE_HOME=$work timeout 120 snakemake --snakefile "$root/workflows/snakemake/Snakefile" \
    --configfile "$work/config.yaml" --directory "$work" --cores 2 --keep-going --nocolor \
    >"$work/snakemake.log" 2>&1 </dev/null || code=$?
}

expect() { # what, is, should be
  [ "$2" = "$3" ] || { cat "$work/snakemake.log"; fail "$1 is '$2', not '$3'"; }
}

jobs() { grep -c "^Job [0-9]*: .*ome.tif$" "$work/snakemake.log" || true; }

make_cohort
mv "$work/slides/p2_before.ome.tif" "$work/kept.ome.tif"
make_reference
cat >"$work/config.yaml" <<CONF
cohort: slides/cohort.csv
panel: ${options[1]}
out: results folder
options: ["${options[2]}", "${options[3]}", "${options[4]}", "${options[5]}"]
threads: 1
mem_mb: 2000
hexaplex: $hexaplex
CONF

flow
expect "Snakemake's exit code where slides fail" "$code" 1
expect "the number of jobs" "$(jobs)" 6
compare "$work/results folder" "workflow with failed slides"

before=$(written "$work/results folder")
flow
expect "Snakemake's exit code where they fail again" "$code" 1
expect "the number of jobs for two failed slides" "$(jobs)" 2
expect "the writing of finished slides" "$(written "$work/results folder")" "$before"
compare "$work/results folder" "workflow that was run again"

cp "$marrow/aplasia.ome.tif" "$work/slides/cut.ome.tif"
mv "$work/kept.ome.tif" "$work/slides/p2_before.ome.tif"
"$hexaplex" --quiet batch "$work/slides/cohort.csv" "${options[@]}" --out "$work/reference" --resume 2>/dev/null
flow
expect "Snakemake's exit code after the slides were mended" "$code" 0
expect "the number of jobs for two mended slides" "$(jobs)" 2
compare "$work/results folder" "workflow after the slides were mended"

echo "Snakemake $(snakemake --version): a failed, repeated and mended workflow gave what one machine gives."
