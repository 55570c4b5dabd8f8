#pragma once

#include <span>
#include <string>
#include <string_view>

namespace cli {

/// ", did you mean X?" or nothing: the end of an error message.
std::string suggestion(std::string_view name, std::span<const std::string> candidates);

}  // namespace cli
