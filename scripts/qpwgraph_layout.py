#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads what pw-dump prints and writes settings for qpwgraph in which every node stands right of all that feed it."""

import json
import sys
from urllib.parse import quote

ROW, HEAD, GAP = 19, 36, 18          # pixels: a port's row, a node's head and foot, what is left between two nodes
LETTER, EDGES, WIRES = 6.6, 16, 120  # pixels: a letter of a port's name, its margins, the room for wires between two columns


class Node:
    def __init__(self, properties):
        name = next(properties[key] for key in ("node.description", "node.nick", "node.name") if properties.get(key))
        application = properties.get("application.name")
        self.title = f"{application}/{name}" if application else name  # as qpwgraph calls it
        self.inputs, self.outputs = [], []
        self.fed_by = set()

    def width(self):
        """The wider of title and ports, for each side by itself."""
        return sum(max([len(self.title) / 2 * LETTER + EDGES] + [len(port) * LETTER + EDGES for port in ports])
                   for ports in (self.inputs, self.outputs))

    def height(self):
        return HEAD + ROW * max(len(self.inputs), len(self.outputs))


def read_graph(objects):
    """The nodes that have ports, by id."""
    nodes = {}
    for thing in objects:
        if thing["type"].endswith(":Node"):
            nodes[thing["id"]] = Node(thing["info"]["props"])
    for thing in objects:
        if thing["type"].endswith(":Port"):
            properties = thing["info"]["props"]
            node = nodes[properties["node.id"]]
            side = node.outputs if thing["info"]["direction"] == "output" else node.inputs
            side.append(properties.get("port.alias") or properties["port.name"])
        elif thing["type"].endswith(":Link"):
            nodes[thing["info"]["input-node-id"]].fed_by.add(thing["info"]["output-node-id"])
    return {key: node for key, node in nodes.items() if node.inputs or node.outputs}


def column_of(nodes, key, path=()):
    """The longest way from a source to this node; a link that closes a loop does not count."""
    feeders = [feeder for feeder in nodes[key].fed_by if feeder in nodes and feeder not in path]
    return 1 + max((column_of(nodes, feeder, (*path, key)) for feeder in feeders), default=-1)


def places(nodes):
    """A centre and a top for every node: columns from left to right, each about the same middle line and in the order of the names,
    as qpwgraph sorts ports; what wires pass by stands lower, so that they pass above."""
    column_of_node = {key: column_of(nodes, key) for key in nodes}
    links = [(column_of_node[feeder], column_of_node[key]) for key in nodes for feeder in nodes[key].fed_by if feeder in nodes]
    left = 0.0
    for index in range(max(column_of_node.values(), default=-1) + 1):
        column = sorted((nodes[key] for key in nodes if column_of_node[key] == index), key=lambda node: node.title)
        width = max(node.width() for node in column)
        top = -sum(node.height() + GAP for node in column) / 2
        if any(start < index < end for start, end in links):
            top += column[0].height() + 2 * GAP
        for node in column:
            yield node, round(left + width / 2), round(top)
            top += node.height() + GAP
        left += width + WIRES


def main():
    print("[GraphView]\nStatusbar=false\n[GraphNodePos]")
    for node, x, y in places(read_graph(json.load(sys.stdin))):
        for mode in ("", ":Input", ":Output"):
            print(f"{quote(node.title + mode, safe='.-_')}=@Point({x} {y})")


if __name__ == "__main__":
    main()
