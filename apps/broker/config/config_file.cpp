#include "config/config_file.h"

#include "config/disk_source.h"

namespace broker {

ConfigReading read_config(std::span<const std::string> paths,
                          std::span<const std::uint16_t> local_ports) {
  DiskSource source;
  ConfigParser parser(source);
  for (const std::string& path : paths) parser.read(path);
  return std::move(parser).read_out(local_ports);
}

}  // namespace broker
