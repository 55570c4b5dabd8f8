#pragma once

#include "config/config_parser.h"
#include "process/options.h"

namespace broker {

/// What `--test-config` prints, and what a start prints that a configuration stops: looks for
/// everything that could keep the broker from running with `reading`, in the files, on the system,
/// as the user that this process is. All of it is in the answer, as are warnings; notices and
/// information only where `verbose`. Without an effect: no file is made or changed, nobody can
/// connect, and a broker that runs with the same configuration does not notice.
ExitRequest check_configuration(const ConfigReading& reading, bool verbose);

}  // namespace broker
