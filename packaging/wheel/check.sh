#!/usr/bin/env bash
# Checks a wheel: its form, what is in it, and that it works where nothing but Python is.
#
#   packaging/wheel/check.sh WHEEL
set -euo pipefail
wheel=$(realpath "$1")
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$(dirname "$0")/../.."

twine check --strict "$wheel"
check-wheel-contents "$wheel"

cp -R examples/college "$scratch/college"
rm -rf "$scratch/college/.rosterctl"
python3 -m venv "$scratch/bare"
"$scratch/bare/bin/pip" install --quiet --disable-pip-version-check --no-index "$wheel"
for file in man/man1/rosterctl.1 man/man1/rosterctl-plan.1 bash-completion/completions/rosterctl zsh/site-functions/_rosterctl \
  fish/vendor_completions.d/rosterctl.fish doc/rosterctl/LICENSE doc/rosterctl/THIRD-PARTY.md; do
  test -s "$scratch/bare/share/$file" || { echo "the wheel has no $file"; exit 1; }
done

# No cargo, no git, no settings of this machine.
bare() { env -i "HOME=$scratch" "PATH=$scratch/bare/bin" "$@"; }
bare rosterctl --version
bare python -m rosterctl --version
bare rosterctl plan --sandbox -C "$scratch/college" >"$scratch/plan"
grep -q '^Plan: 4 to create, 4 to update, 3 assignments, 1 new placement, 43 unchanged,' "$scratch/plan"
echo "$(basename "$wheel") works: $(stat -c %s "$wheel") bytes."
