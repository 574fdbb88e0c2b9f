#!/usr/bin/env bash
# Looks at what nvcc makes of every .cu file: no fused multiply-add that was not written, no spilled registers, no local
# memory but in files that say "Local memory is meant here" and why. Needs nvcc, and no GPU.
#   check_ptx.sh [ARCH...]   90 and 75 where none is given
set -euo pipefail
cd "$(dirname "$0")/.."
nvcc=$(command -v nvcc || echo /usr/local/cuda/bin/nvcc)
[ -x "$nvcc" ] || {
  echo "check_ptx.sh: nvcc is not installed; nothing was looked at" >&2
  exit 1
}
[ $# -gt 0 ] || set -- 90 75
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
# The floating-point flags of cmake/Numerics.cmake.
flags=(-std=c++20 --fmad=false -O3 -I. -D HX_WITH_CUDA=1)

bad=0
looked=0
printf '%-46s' 'most registers of a kernel'
printf '  sm_%-3s' "$@"
printf '\n'
while IFS= read -r -d '' source; do
  printf '%-46s' "$source"
  for arch in "$@"; do
    "$nvcc" "${flags[@]}" -arch="sm_$arch" -ptx "$source" -o "$out/ptx"
    "$nvcc" "${flags[@]}" -arch="sm_$arch" -Xptxas -v -c "$source" -o "$out/object" 2>"$out/resources"
    if grep -nE '^[[:space:]]*(fma|mad)\.[a-z.]*f(32|64)' "$out/ptx"; then
      echo "$source: fused floating-point operations at sm_$arch" >&2
      bad=$((bad + 1))
    fi
    frame=0
    if grep -q '^// Local memory is meant here' "$source"; then frame='[0-9]+'; fi
    if grep -E 'bytes stack frame' "$out/resources" | grep -vE "^ *$frame bytes stack frame, 0 bytes spill stores, 0 bytes spill loads"; then
      echo "$source: local memory or spills at sm_$arch" >&2
      bad=$((bad + 1))
    fi
    printf '  %-6s' "$(grep -oE 'Used [0-9]+ registers' "$out/resources" | grep -oE '[0-9]+' | sort -n | tail -n 1)"
    looked=$((looked + 1))
  done
  printf '\n'
done < <(find kernels -name '*.cu' -print0 | sort -z)
[ "$bad" -eq 0 ] || exit 1
echo "$looked builds of .cu files: no fused operation, no spill, no local memory that is not meant."
