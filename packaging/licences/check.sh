#!/usr/bin/env bash
# Fails if THIRD-PARTY.md lacks a crate that ships, or names one that no system needs any more.
set -euo pipefail
cd "$(dirname "$0")"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# `- NAME VERSION` for each crate of a target, as THIRD-PARTY.md has it.
crates() {
  cargo tree --locked --manifest-path ../../Cargo.toml --all-features --edges normal --prefix none --format '{p}' --target "$1" |
    sed -n 's/^\([^ ]*\) v\([^ ]*\).*/- \1 \2/p' | grep -v '^- rosterctl '
}

grep -oE '[a-z0-9_]+-(unknown|pc|apple)-[a-z-]+' about.toml | while read -r target; do crates "$target"; done | sort -u >"$scratch/ships"
crates all | sort -u >"$scratch/known"
sed -n '/^- [^ ]* [0-9][^ ]*$/p' THIRD-PARTY.md | grep -v '^- rosterctl ' | sort -u >"$scratch/named"
comm -23 "$scratch/ships" "$scratch/named" | sed 's/^-/missing:/' >"$scratch/wrong"
comm -13 "$scratch/known" "$scratch/named" | sed 's/^-/gone:/' >>"$scratch/wrong"
if [ -s "$scratch/wrong" ]; then
  cat "$scratch/wrong"
  echo "THIRD-PARTY.md is stale: packaging/licences/write.sh"
  exit 1
fi
