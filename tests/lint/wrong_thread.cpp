// SPDX-License-Identifier: GPL-3.0-or-later
// Never built: `scripts/lint` must reject each line marked `// wrong`, and no other.
#include "rt/handover.hpp"
#include "rt/published.hpp"
#include "stemwire/node.hpp"

namespace stemwire {

/// Calls from its cycle what belongs to control.
class Hasty final : public Node {
public:
    using Node::Node;
    Expected<void> prepare(const Preparation&) override { return {}; }
    void process(const Block& block) noexcept override STEMWIRE_ON(audio_thread)
    {
        neighbour_->process(block);
        static_cast<void>(neighbour_->prepare({48'000}));   // wrong
        neighbour_->finish();                               // wrong
        static_cast<void>(neighbour_->take_message());      // wrong
        static_cast<void>(live().find("gain"));             // wrong
        static_cast<void>(published_.try_get());
        static_cast<void>(published_.get());                // wrong
        static_cast<void>(handover_.take());
        handover_.collect();                                // wrong
    }

private:
    Node* neighbour_ = nullptr;
    rt::Published<int> published_;
    rt::Handover<int> handover_;
};

/// Runs a cycle where no cycle is.
void run_anywhere(Node& node, const Block& block)
{
    node.process(block);   // wrong
    const EnterAudioThread role;
    node.process(block);
}

}  // namespace stemwire
