#include "unix_address.h"

#include <algorithm>

namespace mqtt::io {

std::optional<UnixAddress> UnixAddress::of(const std::string& path) {
  UnixAddress address;
  if (path.empty() || path.size() >= sizeof address.storage_.sun_path) return std::nullopt;
  std::copy(path.begin(), path.end(), address.storage_.sun_path);
  return address;
}

}  // namespace mqtt::io
