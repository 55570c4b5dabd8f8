#pragma once

#include <cstdint>

namespace passwd {

/// How mqtt-passwd ends. A run cut short by a signal ends with 128 plus the signal's number.
enum class ExitCode : std::uint8_t {
  success = 0,
  /// Wrong options, a file that cannot be read, written or understood, no such user to delete.
  failure = 1,
  /// The two passwords at the prompt differ.
  passwords_differ = 2,
  /// --verify: this is not the password of that user, or there is no such user.
  does_not_fit = 3,
};

}  // namespace passwd
