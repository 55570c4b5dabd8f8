#pragma once

#include <string>

namespace mqtt::io {

/// Has the name servers say on which hosts and ports a domain offers a service (SRV records,
/// RFC 2782).
struct ServiceLookup {
  std::string service;  ///< such as "_mqtt._tcp"
  /// "192.0.2.1" or "192.0.2.1:5353", IPv4 only; empty: the name servers of the system. The hosts
  /// that the records name are looked up as every other name, whatever stands here.
  std::string name_server;
};

/// Whether `text` will do for `name_server`.
bool is_name_server(const std::string& text);

}  // namespace mqtt::io
