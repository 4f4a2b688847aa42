#!/usr/bin/env bash
# Prints the version of Cargo.toml. With a tag, such as v0.1.0, fails unless that names the version and the changelog has a
# section for it.
set -euo pipefail
cd "$(dirname "$0")/.."
version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
tag=${1:-}
if [ -z "$tag" ]; then
  echo "$version"
  exit
fi
[ "$tag" = "v$version" ] || { echo "the tag is $tag, and Cargo.toml says $version"; exit 1; }
grep -q "^## $version" CHANGELOG.md || { echo "CHANGELOG.md has no section \"## $version\""; exit 1; }
