#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "config/config_parser.h"

namespace broker {

/// Reads the files at `paths` from disk as one configuration: later files add to earlier ones. No
/// paths means the defaults. `local_ports` are used if no listener is configured.
/// Has no effect but reading; whether the system gives what they ask for is what StartResources
/// finds out.
ConfigReading read_config(std::span<const std::string> paths,
                          std::span<const std::uint16_t> local_ports);

}  // namespace broker
