#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What systemd says of a unit for its users' managers: verify_service.sh UNIT
set -euo pipefail

readonly skipped=77 # meson's
# 6.4 of 10, as systemd 252 counts for a process that runs as root; 9.8 for a unit that restricts nothing.
readonly most_exposure=65

command -v systemd-analyze >/dev/null || exit "$skipped"
XDG_RUNTIME_DIR=$(mktemp -d)
trap 'rm -rf "$XDG_RUNTIME_DIR"' EXIT
export XDG_RUNTIME_DIR
systemd-analyze --user verify --recursive-errors=no "$1"
systemd-analyze --user security --offline=true --threshold="$most_exposure" --no-pager "$1" | tail -n 1
