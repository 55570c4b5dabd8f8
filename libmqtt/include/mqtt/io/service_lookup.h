#pragma once

#include <string>

namespace mqtt::io {

/// Looks up the hosts and ports of a domain's service (SRV records, RFC 2782).
struct ServiceLookup {
  std::string service;  ///< such as "_mqtt._tcp"
  /// "192.0.2.1" or "192.0.2.1:5353", IPv4 only; empty: the name servers of the system. The hosts
  /// that the records name are looked up as usual, regardless of this.
  std::string name_server;
};

/// Whether `text` is valid for `name_server`.
bool is_name_server(const std::string& text);

}  // namespace mqtt::io
