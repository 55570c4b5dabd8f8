#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "cli/options/option_binding.h"

/// Setters for options whose value is a number with a unit.
namespace bench {

/// "10", "10s", "500ms", "5min", "1h".
cli::ValueSetter time_setter(std::chrono::duration<double>& target);

/// Per second: "10", "1.5k", "600/min"; more than 0.
cli::ValueSetter rate_setter(std::optional<double>& target);

/// Things: "100", "50k", "2M" (of 1000); whole and more than 0.
cli::ValueSetter count_setter(std::optional<std::uint64_t>& target);

/// Bytes: "64", "16k" (of 1024), "1M"; at most what fits into an MQTT packet.
cli::ValueSetter size_setter(std::optional<std::uint64_t>& target);

}  // namespace bench
