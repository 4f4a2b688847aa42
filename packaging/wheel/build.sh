#!/usr/bin/env bash
# Builds a wheel: the program, its manual pages, its completions, and the licences of what is inside.
#
#   packaging/wheel/build.sh OUT [options of `maturin build`]
#
# The pages come from a program that runs on this machine: $ROSTERCTL, or the one that `cargo build` makes.
set -euo pipefail
out=$(mkdir -p "$1" && cd "$1" && pwd)
shift
cd "$(dirname "$0")/../.."

if [ -z "${ROSTERCTL:-}" ]; then
  cargo build --locked
  ROSTERCTL=target/debug/rosterctl
fi

share=packaging/wheel/rosterctl.data/data/share
rm -rf packaging/wheel/rosterctl.data
mkdir -p "$share/bash-completion/completions" "$share/zsh/site-functions" "$share/fish/vendor_completions.d" "$share/doc/rosterctl"
"$ROSTERCTL" man --out "$share/man/man1"
"$ROSTERCTL" completions bash >"$share/bash-completion/completions/rosterctl"
"$ROSTERCTL" completions zsh >"$share/zsh/site-functions/_rosterctl"
"$ROSTERCTL" completions fish >"$share/fish/vendor_completions.d/rosterctl.fish"
cp LICENSE packaging/licences/THIRD-PARTY.md "$share/doc/rosterctl/"

cd packaging/wheel
maturin build --out "$out" "$@"
