#!/usr/bin/env bash
# Installs what is missing, builds, and turns three sample marrow fields into cells, phenotypes and tables.
#   demo.sh [DIR]   results go to DIR (build/demo where none is given), what is there from last time is replaced
# Needs a Debian with a shell and apt, and root or sudo. Safe to run again. HEXAPLEX_JOBS bounds the parallel jobs.
set -euo pipefail
out=$(realpath -m "${1:-$(dirname "$0")/../build/demo}")
cd "$(dirname "$0")/.."

preset=cpu
if command -v nvcc >/dev/null || [ -x /usr/local/cuda/bin/nvcc ]; then preset=cuda; fi
scripts/packages.sh
scripts/build.sh "$preset" hexaplex

samples=sample_images/marrow
"build/$preset/hexaplex" run "$samples"/before.ome.tif "$samples"/aplasia.ome.tif "$samples"/after.ome.tif \
  --panel aml-marrow-6plex --library "$samples/library.csv" --out "$out" --overwrite </dev/null

for stage in before aplasia after; do
  painted=$(($(wc -l <"$samples/truth/${stage}_cells.csv") - 1))
  found=$(($(wc -l <"$out/$stage/cells.csv") - 1))
  printf '\n%s: %d cells found, %d were painted\n' "$stage" "$found" "$painted"
  printf '  report   %s\n  overlay  %s\n  cells    %s\n' "$out/$stage/report.html" "$out/$stage/overlay.png" \
    "$out/$stage/cells.csv"
done
