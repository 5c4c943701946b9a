#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Prints a header with one checksum of the files that are named.
printf '#define STEMWIRE_MODULE_INTERFACE "%s"\n' "$(cat "$@" | sha256sum | cut -c 1-16)"
