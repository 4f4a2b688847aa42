#!/usr/bin/env bash
# Tries rosterctl.exe under wine: what a college does in its first weeks, and what breaks on Windows first. It says so and ends
# well if wine isn't there.
#
#   packaging/windows/check.sh ROSTERCTL.EXE
#
# Wine shows less than Windows. It has no git, no links that a plain user can make, and locks that don't keep readers out. It
# fails to name files whose path has more than some 190 characters, and has neither Excel nor a virus scanner to hold files open.
set -euo pipefail
program=$(realpath "$1")
cd "$(dirname "$0")/../.."
wine=$(command -v wine64 || command -v wine || true)
if [ -z "$wine" ] && [ -x /usr/lib/wine/wine64 ]; then wine=/usr/lib/wine/wine64; fi
if [ -z "$wine" ]; then
  echo "wine isn't installed, so nothing was tried on Windows (Debian: apt-get install wine64)"
  exit 0
fi

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
export WINEDEBUG=-all WINEPREFIX=$scratch/wine WINEARCH=win64 TZ=UTC
cp "$program" "$scratch/rosterctl.exe"
if [ ! -e /usr/lib/x86_64-linux-gnu/wine/x86_64-windows/bcryptprimitives.dll ]; then
  x86_64-w64-mingw32-gcc -shared -o "$scratch/bcryptprimitives.dll" packaging/windows/process_prng.c -ladvapi32
fi
cp -R examples/college "$scratch/college"
rm -rf "$scratch/college/.rosterctl"
cd "$scratch"

tried=0
# What is tried, the exit code that is due, a text that is due, and the words for rosterctl. The folder is $scratch/$in.
in=.
try() {
  local what=$1 due=$2 text=$3 code=0
  shift 3
  (cd "$scratch/$in" && timeout 120 "$wine" "$scratch/rosterctl.exe" "$@") >"$scratch/out" 2>&1 </dev/null || code=$?
  if [ "$code" != "$due" ] || { [ -n "$text" ] && ! grep -qF -- "$text" "$scratch/out"; }; then
    echo "$what: exit code $code, not $due, or no \"$text\" in:"
    cat "$scratch/out"
    exit 1
  fi
  tried=$((tried + 1))
  echo "ok: $what"
}
is_there() { test -s "$scratch/$1" || { echo "$1 isn't there"; exit 1; }; }

try "the version" 0 "x86_64-pc-windows" --version
try "the help names the program without .exe" 0 "Usage: rosterctl plan" plan --help
in=college
try "files are checked" 0 "Valid: 51 users" validate
try "a path with backslashes" 0 "Valid:" validate 'users\staff.yaml'
try "an asterisk is expanded" 0 "Valid:" validate 'users/*.yaml'
try "a plan of the sandbox" 0 "Plan: 4 to create" plan --sandbox
try "a plan goes to a file" 0 "Plan:" plan --sandbox --out plan.json
is_there college/plan.json
try "a device is refused before anything is read" 64 "is the name of a device" plan --sandbox --out NUL
try "a colon is refused" 64 "there is no folder a:" plan --sandbox --out a:b.json
try "a reviewed plan is applied" 0 "Applied:" apply --sandbox --plan plan.json --auto-approve
is_there college/.rosterctl/journal.jsonl
try "nothing is left to do" 0 "No changes" plan --sandbox --detailed-exitcode
try "what happened is on record" 0 "created" history
try "the sandbox is reset" 0 "" sandbox reset

# A journal of more than 4 MiB is put aside, over the one of before.
for _ in 1 2; do
  line=$(tail -n 1 "$scratch/college/.rosterctl/journal.jsonl")
  until [ "$(stat -c %s "$scratch/college/.rosterctl/journal.jsonl")" -gt 4300000 ]; do
    for _ in $(seq 2000); do printf '%s\n' "$line"; done >>"$scratch/college/.rosterctl/journal.jsonl"
  done
  try "an apply with a long journal" 0 "Applied:" apply --sandbox --auto-approve
  is_there college/.rosterctl/journal.1.jsonl
  test "$(stat -c %s "$scratch/college/.rosterctl/journal.jsonl")" -lt 4194304 || { echo "the journal wasn't put aside"; exit 1; }
  try "the sandbox is reset" 0 "" sandbox reset
done

# Line ends of Windows, as git leaves them.
find "$scratch/college" -name '*.yaml' -exec sed -i 's/$/\r/' {} +
try "files with CRLF" 0 "Valid: 51 users" validate
try "a plan of them" 0 "Plan: 4 to create" plan --sandbox
! grep -q "has changed since" "$scratch/out" || { cat "$scratch/out"; exit 1; }

in=.
try "a new project" 0 "" init new --organisation 5740 --target sandbox --ci github
in=new
find "$scratch/new" -name '*.yaml' -exec sed -i 's/$/\r/' {} +
cp "$scratch/college/sandbox.yaml" "$scratch/new/sandbox.yaml"
try "what is live is exported, with a CSV in a folder" 0 "" export --sandbox --overlay 'private\personal.csv'
is_there new/private/personal.csv
try "the export is what is live" 0 "No changes" plan --sandbox --detailed-exitcode
in=.
try "another new project" 0 "" init second --organisation 5740 --target sandbox
in=second
cp "$scratch/college/sandbox.yaml" "$scratch/second/sandbox.yaml"
capitals="Z:${scratch//\//\\}\\SECOND\\private\\personal.csv"
try "an export into a folder in other capitals" 0 "" export --sandbox --overlay "$capitals"
is_there second/private/personal.csv

in=.
mkdir "$scratch/Zoë Ünïcode"
cp -R "$scratch/college/." "$scratch/Zoë Ünïcode/"
try "a folder with accents and a blank" 0 "Valid:" -C "Zoë Ünïcode" validate
try "a comparison needs git, and says so" 64 "install it" -C college plan --sandbox --base main
try "manual pages" 0 "" man --out pages
is_there pages/rosterctl-plan.1
try "a schema in a file" 0 "" schema users --out 'schema\users.json'
is_there schema/users.json
try "completions for PowerShell" 0 "Register-ArgumentCompleter" completions powershell

echo "$tried things were tried under $("$wine" --version)."
