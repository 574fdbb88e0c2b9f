#!/usr/bin/env bash
# Prints the preset that scripts build where none is asked for: cuda where nvcc is found, else cpu.
set -euo pipefail
if command -v nvcc >/dev/null || [ -x /usr/local/cuda/bin/nvcc ]; then echo cuda; else echo cpu; fi
