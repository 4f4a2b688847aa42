#!/usr/bin/env bash
# Writes THIRD-PARTY.md: every crate that ships, with the text of its licence.
set -euo pipefail
cd "$(dirname "$0")"
cargo about generate --locked --manifest-path ../../Cargo.toml --config about.toml --all-features third-party.hbs --output-file THIRD-PARTY.md
