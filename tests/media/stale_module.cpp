// SPDX-License-Identifier: GPL-3.0-or-later
// What a module of another build looks like: entering it would end the program.
#include <cstdlib>

#include "media/ffmpeg.hpp"

const stemwire::media::Ffmpeg* stemwire_ffmpeg()
{
    std::abort();
}

const char* stemwire_ffmpeg_interface()
{
    return "of yesterday";
}
