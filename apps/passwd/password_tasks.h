#pragma once

#include "passwd/passwd_options.h"

namespace passwd {

/// Runs the requested task, reports on stdout and stderr, and returns the exit status.
int run(const PasswdOptions& options);

}  // namespace passwd
