#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "passwd/exit_code.h"

namespace passwd {

/// Why there is no password.
struct InputFailure {
  std::string text;  ///< for stderr
  ExitCode code = ExitCode::failure;
  int signal = 0;  ///< which signal ended the question; 0: none
};
using Password = tl::expected<std::string, InputFailure>;

/// Asks for a password on standard input, without echo if that is a terminal; prompts go to
/// `prompt_descriptor`. With `twice`, both answers must be the same. An empty answer is none.
/// SIGINT, SIGTERM, SIGHUP and SIGQUIT end the question with the terminal as it was.
Password ask_password(int prompt_descriptor, bool twice);

/// All that can be read from `descriptor`, without the line end that may stand last.
Password read_password(int descriptor);

}  // namespace passwd
