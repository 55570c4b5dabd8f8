#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace pub {

/// The progress line on a terminal, of at most `columns` columns, the most important part first.
/// `share` is the completed part of all messages, if known.
std::string progress_text(std::uint64_t sent, std::optional<double> share,
                          std::chrono::duration<double> elapsed, unsigned columns);

}  // namespace pub
