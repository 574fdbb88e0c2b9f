#!/usr/bin/env bash
# Shows that the results are the same bytes at every x86-64 level, for any number of threads and any tile size.
#   check_isa.sh [--also PROGRAM] [INPUT PANEL [OPTION...]]
#                options of `hexaplex run`; the samples are taken where no input is given
# Builds the program at x86-64, x86-64-v3 and x86-64-v4 with the function clones off (build/isa-LEVEL), runs the same
# command at each level that this machine can execute, and compares the result files. --also compares a program as it was
# built, clones and all. HEXAPLEX_JOBS bounds the parallel jobs, HEXAPLEX_ISA_LEVELS names the levels to try.
set -euo pipefail
here=$(pwd)
root=$(cd "$(dirname "$0")/.." && pwd)
work=$root/build/isa
files=(labels.ome.tif cells.csv cells.geojson.gz)
read -r -a levels <<<"${HEXAPLEX_ISA_LEVELS:-x86-64 x86-64-v3 x86-64-v4}"

# The dynamic loader knows which levels this processor has; the first one all of them have.
executable() { # level
  [ "$1" = x86-64 ] || /lib64/ld-linux-x86-64.so.2 --help | grep -q "^ *$1 (supported"
}

program_of() { # level
  if [ "$1" = as-built ]; then echo "$also"; else echo "$root/build/isa-$1/hexaplex"; fi
}

build() { # level
  local log=$root/build/isa-$1.log
  local launcher=()
  if command -v ccache >/dev/null; then
    launcher=(-D CMAKE_CXX_COMPILER_LAUNCHER=ccache)
    export CCACHE_BASEDIR=$root CCACHE_NOHASHDIR=1
  fi
  mkdir -p "$root/build"
  { cmake -S "$root" -B "$root/build/isa-$1" -G Ninja -D CMAKE_BUILD_TYPE=Release -D CMAKE_CXX_FLAGS="-march=$1" \
      -D HEXAPLEX_CLONES=OFF -D HEXAPLEX_CUDA=OFF -D HEXAPLEX_TESTS=OFF -D HEXAPLEX_BENCHMARKS=OFF "${launcher[@]}" &&
    cmake --build "$root/build/isa-$1" -j "${HEXAPLEX_JOBS:-$(nproc)}" --target hexaplex; } >"$log" 2>&1 </dev/null || {
    tail -n 40 "$log" >&2
    echo "check_isa.sh: the program does not build at $1; the whole log is in $log" >&2
    exit 1
  }
}

# One run of each case into build/isa/NAME, at a level and with options of its own.
run_cases() { # name, level, options...
  local name=$1 level=$2
  shift 2
  local i
  for ((i = 0; i < ${#inputs[@]}; ++i)); do
    local given=()
    [ -z "${options[i]}" ] || mapfile -t given <<<"${options[i]}"
    "$(program_of "$level")" run "${inputs[i]}" --panel "${panels[i]}" --out "$work/$name/$i" --device cpu \
      --overwrite --quiet "${given[@]}" "$@" </dev/null
  done
}

differences=0
compare() { # reference name, other name
  local i file path same=0
  for ((i = 0; i < ${#inputs[@]}; ++i)); do
    for file in "${files[@]}"; do
      path=$(find "$work/$1/$i" -name "$file" | head -n 1)
      [ -n "$path" ] || {
        echo "check_isa.sh: ${inputs[i]} gave no $file" >&2
        exit 1
      }
      if cmp -s "$path" "$work/$2/$i/${path#"$work/$1/$i/"}"; then
        same=$((same + 1))
      else
        echo "  differs: $file of ${inputs[i]}"
        differences=$((differences + 1))
      fi
    done
  done
  printf '%-28s %d of %d files as %s\n' "$2" "$same" "$((${#inputs[@]} * ${#files[@]}))" "$1"
}

inputs=() panels=() options=()
add_case() { # input, panel, options...
  inputs+=("$1") panels+=("$2")
  shift 2
  options+=("$(printf '%s\n' "$@")")
}
also=
if [ "${1:-}" = --also ]; then
  also=$(realpath "$2")
  [ -x "$also" ] || {
    echo "check_isa.sh: $2 is no program" >&2
    exit 2
  }
  shift 2
fi
if [ $# -ge 2 ]; then
  input=$(cd "$here" && realpath "$1") panel=$2
  [ ! -e "$panel" ] || panel=$(realpath "$panel") # else it names a preset
  shift 2
  add_case "$input" "$panel" "$@"
elif [ $# -eq 1 ]; then
  echo "check_isa.sh: give an input and a panel, or nothing for the samples" >&2
  exit 2
else
  for stage in before aplasia after; do
    add_case "$root/sample_images/marrow/$stage.ome.tif" aml-marrow-6plex --library "$root/sample_images/marrow/library.csv"
  done
  add_case "$root/sample_images/sections/hdab.ome.tif" bpdcn-infiltration-ihc
fi

usable=()
for level in "${levels[@]}"; do
  if executable "$level"; then usable+=("$level"); else echo "$level: this machine cannot execute it, left out"; fi
done
[ ${#usable[@]} -ge 1 ] || exit 1
rm -rf "$work"
for level in "${usable[@]}"; do
  echo "Building at $level ..."
  build "$level"
done
[ -z "$also" ] || usable+=(as-built)

reference=${usable[0]}
run_cases "$reference" "$reference"
for level in "${usable[@]:1}"; do
  run_cases "$level" "$level"
  compare "$reference" "$level"
done
fastest=${usable[-1]}
for variant in "threads-1 --threads 1" "threads-2 --threads 2" "tile-256 --tile-size 256" "tile-333 --tile-size 333" \
  "tile-1024 --tile-size 1024" "untiled --tile-size 0"; do
  read -r -a words <<<"$variant"
  run_cases "${words[0]}" "$fastest" "${words[@]:1}"
  compare "$reference" "${words[0]}"
done

if [ "$differences" -ne 0 ]; then
  echo "check_isa.sh: $differences files differ; the results are in $work" >&2
  exit 1
fi
echo "All the same bytes."
