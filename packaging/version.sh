#!/usr/bin/env bash
# Fails unless a tag, such as v0.1.0, names the version of Cargo.toml and the changelog has a section for it.
set -euo pipefail
cd "$(dirname "$0")/.."
tag=$1
version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
[ "$tag" = "v$version" ] || { echo "the tag is $tag, and Cargo.toml says $version"; exit 1; }
grep -q "^## $version" CHANGELOG.md || { echo "CHANGELOG.md has no section \"## $version\""; exit 1; }
