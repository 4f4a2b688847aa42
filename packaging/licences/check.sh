#!/usr/bin/env bash
# Fails if THIRD-PARTY.md doesn't name exactly the crates that ship.
set -euo pipefail
cd "$(dirname "$0")"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
grep -oE '[a-z0-9_]+-(unknown|pc|apple)-[a-z-]+' about.toml | sort -u >"$scratch/targets"
while read -r target; do
  cargo tree --locked --manifest-path ../../Cargo.toml --all-features --target "$target" --edges normal --prefix none --format '{p}'
done <"$scratch/targets" | sed -n 's/^\([^ ]*\) v\([^ ]*\).*/- \1 \2/p' | grep -v '^- rosterctl ' | sort -u >"$scratch/ships"
sed -n '/^- [^ ]* [0-9][^ ]*$/p' THIRD-PARTY.md | grep -v '^- rosterctl ' | sort -u >"$scratch/named"
diff "$scratch/named" "$scratch/ships" || { echo "THIRD-PARTY.md is stale: packaging/licences/write.sh"; exit 1; }
