#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "passwd/exit_code.h"

namespace passwd {

/// Why no password was read.
struct InputFailure {
  std::string text;  ///< for stderr
  ExitCode code = ExitCode::failure;
  int signal = 0;  ///< the signal that ended the prompt; 0: none
};
using Password = tl::expected<std::string, InputFailure>;

/// Prompts for a password on standard input, without echo if that is a terminal; prompts go to
/// `prompt_descriptor`. With `twice`, both answers must be the same. An empty answer is an
/// error. SIGINT, SIGTERM, SIGHUP and SIGQUIT end the prompt and restore the terminal.
Password ask_password(int prompt_descriptor, bool twice);

/// Everything that can be read from `descriptor`, without a trailing line end.
Password read_password(int descriptor);

}  // namespace passwd
