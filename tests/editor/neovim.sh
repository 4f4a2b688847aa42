#!/usr/bin/env bash
# Proves that `rosterctl lsp` works in a real editor: a Neovim without a screen opens a project, and shows, completes, finds and
# fixes. `tests/editor/neovim.sh PROGRAM`; exits with 1 if a check fails. Neovim 0.7 and later will do.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
program=$(realpath "${1:-$here/../../target/debug/rosterctl}")
if ! command -v nvim >/dev/null; then
  echo "skipped: this machine has no nvim (Debian: apt install neovim)"
  exit 0
fi

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir -p "$folder/users" "$folder/.rosterctl"
cat >"$folder/rosterctl.yaml" <<'EOF'
organisation: 1
EOF
cat >"$folder/users/staff.yaml" <<'EOF'
users:
  - { misId: A-1, role: assessor, firstName: Ann, lastName: Ash, email: a1@example.ac.uk }
EOF
cat >"$folder/users/learners.yaml" <<'EOF'
defaults: { role: learner, placement: Firm, classroom: Room }
users:
  - misId: 00301
    firstName: "👩‍🎓 Zoë"
    lastName: Lake
    email: l1@example.ac.uk
    defaultAssessor: A-1
EOF
cat >"$folder/.rosterctl/directory.json" <<'EOF'
{ "formatVersion": "1.0", "organisation": 1, "read": "2026-01-02T03:04:05Z",
  "names": { "classrooms": [{ "id": 7, "name": "Bakery" }] }, "staff": [] }
EOF

cd "$folder"
HOME="$folder" XDG_CONFIG_HOME="$folder" XDG_STATE_HOME="$folder" ROSTERCTL="$program" \
  timeout 120 nvim --headless -u NONE -i NONE -n -c "luafile $here/neovim.lua" users/learners.yaml
