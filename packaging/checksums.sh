#!/usr/bin/env bash
# Writes SHA256SUMS for what is in a folder, as `sha256sum --check` reads it.
set -euo pipefail
cd "$1"
rm -f SHA256SUMS
sums=$(sha256sum -- *)
printf '%s\n' "$sums" >SHA256SUMS
