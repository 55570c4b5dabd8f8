#include "config/config.h"

namespace broker {

bool Config::allows_anonymous(const ListenerConfig& listener) const {
  return listener.allow_anonymous.value_or(allow_anonymous.value_or(local_only));
}

std::string_view Config::auto_id_prefix(const ListenerConfig& listener) const {
  return listener.auto_id_prefix ? *listener.auto_id_prefix : sessions.auto_id_prefix;
}

}  // namespace broker
