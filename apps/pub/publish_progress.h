#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace pub {

/// The line that a terminal shows while a long run is under way, of at most so many columns: what
/// matters most first. `share` is the part of all messages that is done, if that is known.
std::string progress_text(std::uint64_t sent, std::optional<double> share,
                          std::chrono::duration<double> elapsed, unsigned columns);

}  // namespace pub
