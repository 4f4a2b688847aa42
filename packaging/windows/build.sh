#!/usr/bin/env bash
# Builds rosterctl.exe on Debian 12, as root, with nothing but Debian's packages: its rustc builds the standard library from the
# source beside it, and mingw links. `check.sh` tries the program under wine. The release workflow builds on Windows itself.
#
#   packaging/windows/build.sh [PROFILE] [options of cargo]      dist, unless a profile is named
set -euo pipefail
cd "$(dirname "$0")/../.."
profile=${1:-dist}
shift || true

packages=(rustc-web cargo-web rust-web-src gcc-mingw-w64-x86-64)
if ! dpkg-query --show "${packages[@]}" >/dev/null 2>&1; then
  apt-get update -qq
  apt-get install -qq --yes --no-install-recommends "${packages[@]}" >/dev/null
fi

target=x86_64-pc-windows-gnu
# Cargo asks which compiler to use; nothing of rustup may be it.
export RUSTC=/usr/bin/rustc RUSTDOC=/usr/bin/rustdoc RUSTC_BOOTSTRAP=1
export CARGO_TARGET_X86_64_PC_WINDOWS_GNU_LINKER=x86_64-w64-mingw32-gcc
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-target/windows}

# The two objects that a program of this target begins and ends with. Debian's package lacks them.
sysroot=$("$RUSTC" --print sysroot)
objects=$sysroot/lib/rustlib/$target/lib
mkdir -p "$objects"
for name in rsbegin rsend; do
  "$RUSTC" --target "$target" --emit=obj -o "$objects/$name.o" "$sysroot/lib/rustlib/src/rust/library/rtstartup/$name.rs"
done

/usr/bin/cargo build --locked --profile "$profile" --target "$target" -Z build-std=std,panic_unwind "$@"
