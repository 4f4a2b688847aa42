#!/usr/bin/env bash
# Prints the section of the changelog that is about a tag, such as v0.1.0.
set -euo pipefail
cd "$(dirname "$0")/.."
awk -v heading="## ${1#v}" '
  /^## / { inside = index($0, heading) == 1 }
  inside && !/^## /
' CHANGELOG.md
