#pragma once

#include <span>
#include <string>
#include <string_view>

namespace cli {

/// The candidate that `name` was most likely meant to be, for "did you mean"; empty if none is near
/// (more than a third of the letters would have to change).
std::string_view nearest_name(std::string_view name, std::span<const std::string> candidates);

/// ", did you mean X?" or nothing: the end of an error message.
std::string suggestion(std::string_view name, std::span<const std::string> candidates);

}  // namespace cli
