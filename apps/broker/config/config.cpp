#include "config/config.h"

#include <fmt/format.h>

namespace broker {

std::string name(const ListenerConfig& listener) {
  const std::string& address = listener.unix_path.empty() ? listener.host : listener.unix_path;
  return address.empty() ? fmt::format("{}", listener.port)
                         : fmt::format("{} {}", listener.port, address);
}

bool Config::allows_anonymous(const ListenerConfig& listener) const {
  return listener.allow_anonymous.value_or(allow_anonymous.value_or(local_only));
}

bool Config::allows_zero_length_clientid(const ListenerConfig& listener) const {
  return listener.allow_zero_length_clientid.value_or(sessions.allow_zero_length_clientid);
}

std::string_view Config::auto_id_prefix(const ListenerConfig& listener) const {
  return listener.auto_id_prefix ? *listener.auto_id_prefix : sessions.auto_id_prefix;
}

}  // namespace broker
