#pragma once

#include "passwd/passwd_options.h"

namespace passwd {

/// Does what was asked for, tells of it on stdout and stderr, and answers with the exit status.
int run(const PasswdOptions& options);

}  // namespace passwd
