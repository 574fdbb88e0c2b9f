#!/usr/bin/env bash
# Looks at what nvcc makes of every .cu file: no fused multiply-add that was not written, no spilled registers, no local
# memory but in files that say "Local memory is meant here" and why. Needs nvcc, and no GPU. HEXAPLEX_JOBS bounds the
# parallel jobs.
#   check_ptx.sh [ARCH...]   90 and 75 where none is given
set -euo pipefail
cd "$(dirname "$0")/.."
PATH=$PATH:/usr/local/cuda/bin
command -v nvcc >/dev/null || {
  echo "check_ptx.sh: nvcc is not installed; nothing was looked at" >&2
  exit 1
}
[ $# -gt 0 ] || set -- 90 75
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

# Compiles one file for one architecture; leaves its registers in a file of its own, and complaints in another.
look() { # folder, source, arch
  local source=$2 arch=$3 own
  own=$1/$(tr / _ <<<"$source").$arch
  mkdir "$own"
  # The floating-point flags of cmake/Numerics.cmake.
  nvcc -std=c++20 --fmad=false -O3 -I. -D HX_WITH_CUDA=1 -arch="sm_$arch" -Xptxas -v --keep --keep-dir "$own" -c "$source" \
    -o "$own/object" 2>"$own/resources" || {
    cat "$own/resources" >"$own/bad"
    return
  }
  if grep -nE '^[[:space:]]*(fma|mad)\.[a-z.]*f(32|64)' "$own"/*.ptx; then
    echo "$source: fused floating-point operations at sm_$arch"
  fi >"$own/bad"
  local frame=0
  if grep -q '^// Local memory is meant here' "$source"; then frame='[0-9]+'; fi
  if grep -E 'bytes stack frame' "$own/resources" |
    grep -vE "^ *$frame bytes stack frame, 0 bytes spill stores, 0 bytes spill loads"; then
    echo "$source: local memory or spills at sm_$arch"
  fi >>"$own/bad"
  grep -oE 'Used [0-9]+ registers' "$own/resources" | grep -oE '[0-9]+' | sort -n | tail -n 1 >"$own/registers"
  find "$own" -type f ! -name bad ! -name registers -delete
}
export -f look

mapfile -t sources < <(find kernels -name '*.cu' | sort)
for source in "${sources[@]}"; do
  for arch in "$@"; do printf '%s\0%s\0%s\0' "$out" "$source" "$arch"; done
done | xargs -0 -n 3 -P "${HEXAPLEX_JOBS:-$(nproc)}" bash -c 'look "$@"' look

printf '%-46s' 'most registers of a kernel'
printf '  sm_%-3s' "$@"
printf '\n'
for source in "${sources[@]}"; do
  printf '%-46s' "$source"
  for arch in "$@"; do printf '  %-6s' "$(cat "$out/$(tr / _ <<<"$source").$arch/registers" 2>/dev/null || echo '?')"; done
  printf '\n'
done
if cat "$out"/*/bad | grep . >&2; then exit 1; fi
echo "$((${#sources[@]} * $#)) builds of .cu files: no fused operation, no spill, no local memory that is not meant."
