// SPDX-License-Identifier: GPL-3.0-or-later
// Prints docs/control.md from the tables that the program works by.
#include <iostream>
#include <span>
#include <string>

#include "control/methods.hpp"
#include "control/parameter_text.hpp"
#include "stemwire/node.hpp"

namespace stemwire {

namespace {

constexpr std::string_view introduction = R"(# Remote control

<!-- Made from the program's tables by build/docs/control_reference; a test compares. -->

A session that plays can be talked to in four ways: by commands, over a socket, over OSC, and as properties of its nodes in PipeWire. All four
know the same parameters under the same names, and refuse the same values.

## Commands

```sh
stemwire status                         # transport, load, buffers, xruns, links
stemwire set mix.drums.gain -6 dB       # nothing is printed where all is well
stemwire get mix.drums.gain
stemwire seek 1:23.5                    # returns when it is heard
stemwire loop 8 24
stemwire save                           # into the preset file; comments stay
stemwire top                            # all of it on the whole terminal
```

With several sessions, `--session NAME`. `--json` prints what the socket answers.

## The socket

`$XDG_RUNTIME_DIR/stemwire/NAME.sock`, for the same user alone (mode 0600). JSON-RPC 2.0, one object on a line:

```sh
echo '{"jsonrpc":"2.0","id":1,"method":"set","params":{"address":"mix.drums.gain","value":"-6 dB"}}' |
  socat - UNIX-CONNECT:$XDG_RUNTIME_DIR/stemwire/demo.sock
```

A request is at most 64 KiB. What is no JSON-RPC is answered with an error or, where it has no end, dropped; it never disturbs the sound.
)";

constexpr std::string_view osc = R"(
## OSC

`stemwire run --osc 9951` listens for OSC 1.0 over UDP on this machine alone; `--osc-bind ADDRESS` on another address: who can send there can
change what is heard. A mistake is answered with `/stemwire/error PATH MESSAGE`.

| path | arguments | does |
|---|---|---|
| `/stemwire/NODE/PARAM…` | a number, a truth value, or a text as in a preset | sets the parameter; wildcards set several |
| the same | none | answered with the value and its text |
| `/stemwire/list` | none | answered with every parameter, then their number |
| `/stemwire/start`, `/stemwire/pause` | none | the transport; answered when it is heard |
| `/stemwire/seek` | seconds | |
| `/stemwire/loop` | from, to in seconds, or none | loops, or ends the loop |
| `/stemwire/subscribe`, `/stemwire/unsubscribe` | none | for a minute: every change of a parameter, and `/stemwire/meters/NODE/NAME` with peak and RMS in dB, of a bus with `meters: lufs` `/stemwire/loudness/NODE/NAME` with momentary, short-term and integrated loudness in LUFS and the true peak in dBTP |

```sh
oscsend localhost 9951 /stemwire/mix/drums/gain f -6
oscsend localhost 9951 '/stemwire/mix/*/mute' T
```

## Properties in PipeWire

Every live parameter is a property of its node, in its own number:

```sh
pw-cli set-param demo.mix Props '{ params = [ "drums.gain" -6.0 ] }'
```

## Parameters that can change while they play

An address is the node's name in the preset and the parameter's; what is inside a channel, a bus or a unit has its name between:
`mix.drums.gain`, `mix.drums.to.send`, `master.compressor.threshold`, `master.eq.bands.2.gain`. A second unit of one kind is `compressor-2`.


)";

void print_rows(const std::string& where, std::span<const Parameter> rows)
{
    for (const Parameter& row : rows) {
        // A row that has no name in addresses stands for the names that the preset gives.
        const std::string place = where + (row.hidden_in_address ? "" : "." + std::string(row.name));
        print_rows(place + (row.kind == Kind::record_map ? ".NAME" : ".N"), row.children);
        for (const Unit& unit : row.units) print_rows(where + "." + std::string(unit.name), unit.parameters);
        if (!row.live) continue;
        const bool is_map = row.kind == Kind::gain_map;
        std::cout << "| `" << place << (is_map ? ".NAME" : row.kind == Kind::record ? ".SYMBOL" : "") << "` | " << control::kind_name(row.kind) << " | " << control::range_text(row) << " | "
                  << (is_map ? "" : control::default_text(row)) << " | " << row.description << " |\n";
    }
}

void print_type(const NodeType& type)
{
    std::cout << "\n### `" << type.name << "`\n\n| address | kind | range | default | what it is |\n|---|---|---|---|---|\n";
    print_rows("NODE", type.parameters);
}

void print_methods()
{
    for (const control::Method& method : control::methods()) {
        std::cout << "\n**`" << method.name << "`** " << method.description << ". Answers " << method.result << ".\n";
        for (const control::MethodParameter& parameter : method.parameters)
            std::cout << "- `" << parameter.name << "`" << (parameter.required ? "" : " (optional)") << ": " << parameter.description << "\n";
    }
}

}  // namespace
}  // namespace stemwire

int main()
{
    std::cout << stemwire::introduction;
    stemwire::print_methods();
    std::cout << stemwire::osc;
    for (const stemwire::NodeType* type : stemwire::node_types()) stemwire::print_type(*type);
}
