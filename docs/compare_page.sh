#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Compares what a program prints with a page: compare_page.sh PROGRAM PAGE
set -euo pipefail
"$1" | diff -u "$2" -
