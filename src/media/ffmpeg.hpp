// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string>

#include "media/encoders.hpp"
#include "media/frame_source.hpp"
#include "media/mux.hpp"
#include "media/probe.hpp"
#include "stemwire/error.hpp"

namespace stemwire::media {

/// What FFmpeg does for us. It lives in a module that is loaded when it is first needed: FFmpeg and the hundred libraries behind it
/// take 50 ms and 20 MB, and WAV and FLAC do without. Guarantee: blocking; any number of threads but realtime ones.
class Ffmpeg {
public:
    virtual ~Ffmpeg() = default;
    [[nodiscard]] virtual Expected<FileInfo> probe(const std::string& path) const = 0;
    [[nodiscard]] virtual Expected<std::shared_ptr<SourceFile>> open(const std::string& path) const = 0;
    [[nodiscard]] virtual Expected<std::unique_ptr<Encoder>> make_encoder(const EncodeRequest& request, const LossyFormat& format) const = 0;
    [[nodiscard]] virtual Expected<void> mux(const MuxRequest& request) const = 0;
};

/// The loaded module, which stays for good; the error says where it should be, or that it is another build's.
[[nodiscard]] Expected<const Ffmpeg*> ffmpeg();
/// The module at `path`; refused where it was built with another interface than this program. Never unloaded.
[[nodiscard]] Expected<const Ffmpeg*> load_ffmpeg(const std::string& path);

}  // namespace stemwire::media

/// What the module gives.
extern "C" const stemwire::media::Ffmpeg* stemwire_ffmpeg();
/// The checksum of the interface that the module was built with.
extern "C" const char* stemwire_ffmpeg_interface();
