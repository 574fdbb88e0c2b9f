#!/usr/bin/env bash
# Installs what is missing, builds, and turns three sample marrow fields into cells, phenotypes and tables.
#   demo.sh [DIR]   results go to DIR (build/demo where none is given), what is there from last time is replaced
# Needs a Debian with a shell and apt, and root or sudo. Safe to run again. HEXAPLEX_JOBS bounds the parallel jobs.
set -euo pipefail
out=$(realpath -m "${1:-$(dirname "$0")/../build/demo}")
cd "$(dirname "$0")/.."

preset=$(scripts/usual_preset.sh)
scripts/packages.sh
scripts/build.sh "$preset" hexaplex

samples=sample_images/marrow
"build/$preset/hexaplex" run "$samples"/before.ome.tif "$samples"/aplasia.ome.tif "$samples"/after.ome.tif \
  --panel aml-marrow-6plex --library "$samples/library.csv" --out "$out" --overwrite </dev/null

# What was found beside what was painted.
compare() { # cells.csv of the truth, cells.csv of the result
  awk -F, 'FNR == 1 { next }
    NR == FNR { painted[$4]++; all_painted++; next }
    { found[$4]++; all_found++; painted[$4] += 0 }
    END {
      for (name in painted) printf "  %-16s %5d found %5d painted\n", name, found[name], painted[name] | "sort"
      close("sort")
      printf "  %-16s %5d found %5d painted\n", "all", all_found, all_painted
    }' "$1" "$2"
}

for stage in before aplasia after; do
  printf '\n%s\n' "$stage"
  compare "$samples/truth/${stage}_cells.csv" "$out/$stage/cells.csv"
  printf '  report   %s\n  overlay  %s\n' "$out/$stage/report.html" "$out/$stage/overlay.png"
done
