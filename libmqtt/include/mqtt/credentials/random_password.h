#pragma once

#include <cstddef>
#include <string>
#include <tl/expected.hpp>

namespace mqtt {

/// Letters and digits without those that look alike (0 O, 1 I l): 5.8 bits each.
inline constexpr std::size_t default_password_length = 24;  ///< 139 bits: cannot be guessed
inline constexpr std::size_t least_password_length = 16;    ///< 93 bits
inline constexpr std::size_t most_password_length = 128;

/// A password for a machine, from the system's random numbers. The error: there are none.
tl::expected<std::string, std::string> random_password(std::size_t length);

}  // namespace mqtt
