// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Thread roles as clang capabilities: `scripts/lint` rejects a call from the wrong thread. Empty elsewhere.
// STEMWIRE_ON: only for that thread. STEMWIRE_OFF: never on it, since it may allocate, wait or take long.
// (Clang documentation, "Thread Safety Analysis".)
#if defined(__clang__)
#define STEMWIRE_ON(role) __attribute__((requires_capability(role)))
#define STEMWIRE_OFF(role) __attribute__((locks_excluded(role)))
#define STEMWIRE_ENTERS(role) __attribute__((acquire_capability(role)))
#define STEMWIRE_LEAVES(...) __attribute__((release_capability(__VA_ARGS__)))
#define STEMWIRE_CAPABILITY(name) __attribute__((capability(name)))
#define STEMWIRE_SCOPED __attribute__((scoped_lockable))
#else
#define STEMWIRE_ON(role)
#define STEMWIRE_OFF(role)
#define STEMWIRE_ENTERS(role)
#define STEMWIRE_LEAVES(...)
#define STEMWIRE_CAPABILITY(name)
#define STEMWIRE_SCOPED
#endif

namespace stemwire {

struct STEMWIRE_CAPABILITY("role") ThreadRole {};

/// Held by a data loop during a cycle, and by the offline renderer's workers.
inline ThreadRole audio_thread;

/// Declares that this scope runs as the given role. Costs nothing.
class STEMWIRE_SCOPED EnterAudioThread {
public:
    EnterAudioThread() noexcept STEMWIRE_ENTERS(audio_thread) {}
    ~EnterAudioThread() noexcept STEMWIRE_LEAVES() {}
    EnterAudioThread(const EnterAudioThread&) = delete;
    EnterAudioThread& operator=(const EnterAudioThread&) = delete;
};

}  // namespace stemwire
