#!/usr/bin/env bash
# Packs a program that was built for TARGET, with its pages, completions and licences, into OUT. BUILT is the folder that cargo
# left the program in.
#
#   packaging/archive.sh TARGET BUILT OUT
set -euo pipefail
target=$1
built=$(cd "$2" && pwd)
out=$(mkdir -p "$3" && cd "$3" && pwd)
cd "$(dirname "$0")/.."

version=$(packaging/version.sh)
name=rosterctl-$version-$target
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mkdir "$scratch/$name"
cp -R packaging/wheel/rosterctl.data/data/share README.md CHANGELOG.md LICENSE "$scratch/$name/"
case $target in
*windows*)
  cp "$built/rosterctl.exe" "$scratch/$name/"
  (cd "$scratch" && python -m zipfile -c "$out/$name.zip" "$name")
  ;;
*)
  cp "$built/rosterctl" "$scratch/$name/"
  tar -C "$scratch" -czf "$out/$name.tar.gz" "$name"
  ;;
esac
