#pragma once

#include <cstdint>

namespace passwd {

/// The exit status of mqtt-passwd. A run ended by a signal exits with 128 plus the signal number.
enum class ExitCode : std::uint8_t {
  success = 0,
  /// Invalid options, a file that cannot be read, written or parsed, no such user to delete.
  failure = 1,
  /// The two passwords at the prompt differ.
  passwords_differ = 2,
  /// --verify: the password is wrong, or there is no such user.
  does_not_fit = 3,
};

}  // namespace passwd
