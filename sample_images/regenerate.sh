#!/usr/bin/env bash
# Paints the sample slides anew.
#   regenerate.sh          in place
#   regenerate.sh DIR      into DIR
#   regenerate.sh --check  elsewhere, and compares with what is here
# Installs python3-numpy, python3-scipy and python3-tifffile of Debian where they are missing.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
python=/usr/bin/python3 # the one that Debian's packages belong to
"$here/../scripts/packages.sh" python3-numpy python3-scipy python3-tifffile

paint() {
  local out=$1 stage
  for stage in before aplasia after; do
    "$python" "$here/paint_marrow.py" "$out/marrow" --stage "$stage" --seed 1
  done
  "$python" "$here/paint_section.py" "$out/sections" --stain hdab --seed 1
  "$python" "$here/paint_section.py" "$out/sections" --stain hes --seed 2
}

if [ "${1:-}" = --check ]; then
  fresh=$(mktemp -d)
  trap 'rm -rf "$fresh"' EXIT
  paint "$fresh" >/dev/null
  for folder in marrow sections; do diff -r "$here/$folder" "$fresh/$folder"; done
  echo "The sample slides are what the scripts paint."
else
  paint "${1:-$here}"
fi
