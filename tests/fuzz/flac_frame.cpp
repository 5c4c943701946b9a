// SPDX-License-Identifier: GPL-3.0-or-later
#include <array>
#include <vector>

#include "input.hpp"
#include "media/flac/bit_reader.hpp"
#include "media/flac/frame.hpp"

/// One frame whose header is right, so that no check sum stands before what is decoded. Four bytes say what kind of stream it is of.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace stemwire;
    if (size < 4) return 0;
    media::FlacStream stream;
    stream.channels = data[0] % 8u + 1;
    stream.bits = data[1] % 21u + 4;
    stream.most_frames = 16u + data[2] * 16u;
    media::FlacFrameHeader header{.number = 0, .counts_frames = true, .frames = 1 + data[3] * stream.most_frames / 256};
    if (stream.channels == 2) header.stereo = static_cast<media::FlacFrameHeader::Stereo>(data[2] % 4);
    std::vector<std::uint8_t> bytes(data + 4, data + size);
    bytes.resize(bytes.size() + media::bit_reader_padding);
    std::vector<std::int32_t> samples(std::size_t{stream.channels} * stream.most_frames);
    std::vector<std::int32_t*> planes;
    for (unsigned channel = 0; channel < stream.channels; ++channel) planes.push_back(samples.data() + std::size_t{channel} * stream.most_frames);
    const auto got = decode_flac_frame(std::span(bytes).first(size - 4), header, stream, planes);
    fuzz::require(!got || *got <= size - 4, "a frame ends inside of its bytes");
    return 0;
}
