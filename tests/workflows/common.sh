# What the tests of the workflows share. Given: $hexaplex, the program. Sets: $root, $work (removed at the end).
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
marrow=$root/sample_images/marrow
work=$(mktemp -d)
options=(--panel aml-marrow-6plex --library "$marrow/library.csv" --device cpu)

skip() { # visibly; 77 is what CTest shows as skipped
  echo "SKIPPED: $1"
  exit 77
}

fail() {
  echo "FAILED: $1" >&2
  exit 1
}

# Six slides, one cut short, one in a folder with a blank in its name; cohort.csv beside them.
make_cohort() {
  local slide
  mkdir "$work/slides" "$work/slides/second day"
  for slide in before aplasia after; do cp "$marrow/$slide.ome.tif" "$work/slides/p1_$slide.ome.tif"; done
  cp "$marrow/after.ome.tif" "$work/slides/second day/p2_after.ome.tif"
  cp "$marrow/before.ome.tif" "$work/slides/p2_before.ome.tif"
  head -c 100000 "$marrow/before.ome.tif" >"$work/slides/cut.ome.tif"
  cat >"$work/slides/cohort.csv" <<'TABLE'
slide,patient,timepoint
p1_before.ome.tif,P1,before
p1_aplasia.ome.tif,P1,aplasia
cut.ome.tif,"P2, first try",before
p1_after.ome.tif,P1,after

"second day/p2_after.ome.tif",P2,after
p2_before.ome.tif,P2,before
TABLE
}

# The same cohort by one process on this machine, in $work/reference.
make_reference() {
  local code=0
  "$hexaplex" --quiet batch "$work/slides/cohort.csv" "${options[@]}" --out "$work/reference" --jobs 1 \
    >"$work/reference.log" 2>&1 || code=$?
  [ "$code" -eq 4 ] || { cat "$work/reference.log"; fail "the batch of reference ended with $code, not with 4"; }
}

compare() { # folder with results
  "$here/same_results.py" "$work/reference" "$1" || fail "$2: the results differ from those of one machine"
}

# When each result was written: who leaves finished slides alone leaves these.
written() { (cd "$1" && stat -c '%n %y %i' -- */run.json); }
