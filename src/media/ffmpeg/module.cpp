// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/ffmpeg.hpp"
#include "media/ffmpeg/av_mux.hpp"
#include "media/ffmpeg/av_probe.hpp"
#include "media/ffmpeg/media_file.hpp"
#include "media/module_interface.h"

namespace stemwire::media {

namespace {

class Module final : public Ffmpeg {
public:
    Expected<FileInfo> probe(const std::string& path) const override { return av_probe(path); }
    Expected<std::shared_ptr<SourceFile>> open(const std::string& path) const override { return MediaFile::open(path); }
    Expected<std::unique_ptr<Encoder>> make_encoder(const EncodeRequest& request, const LossyFormat& format) const override
    {
        return make_av_encoder(request, format);
    }
    Expected<void> mux(const MuxRequest& request) const override { return av_mux(request); }
};

}  // namespace

}  // namespace stemwire::media

const stemwire::media::Ffmpeg* stemwire_ffmpeg()
{
    static const stemwire::media::Module module;
    return &module;
}

const char* stemwire_ffmpeg_interface()
{
    return STEMWIRE_MODULE_INTERFACE;
}
