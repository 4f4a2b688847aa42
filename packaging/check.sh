#!/usr/bin/env bash
# A dry run of a release on this machine, with the program that `cargo build` makes: the licences, a wheel, an archive, the
# checksums, and the steps that look at the version.
set -euo pipefail
cd "$(dirname "$0")/.."
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
host=$(rustc --print host-tuple)
version=$(packaging/version.sh)

packaging/licences/check.sh
packaging/wheel/build.sh "$out" --profile dev --compatibility linux
packaging/wheel/check.sh "$out"/*.whl

packaging/archive.sh "$host" "${CARGO_TARGET_DIR:-target}/debug" "$out"
packaging/checksums.sh "$out"
(cd "$out" && sha256sum --quiet --check SHA256SUMS)
tar -xzf "$out/rosterctl-$version-$host.tar.gz" -C "$out"
"$out/rosterctl-$version-$host/rosterctl" --version
test -s "$out/rosterctl-$version-$host/share/man/man1/rosterctl-apply.1"

# A tag of another version stops the release, and so does a version without a section in the changelog.
if packaging/version.sh v999.0.0; then exit 1; fi
test -z "$(packaging/notes.sh v999.0.0)"
test -n "$(packaging/notes.sh vUnreleased)"
