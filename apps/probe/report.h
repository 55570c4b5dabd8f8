#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "mqtt/protocol/version.h"

namespace probe {

/// Measured durations.
class Timing {
 public:
  void add(std::chrono::nanoseconds time) { times_.push_back(time); }
  bool is_empty() const { return times_.empty(); }
  std::size_t count() const { return times_.size(); }

  /// Requires at least one.
  std::chrono::nanoseconds min() const;
  std::chrono::nanoseconds median() const;
  std::chrono::nanoseconds max() const;

 private:
  std::vector<std::chrono::nanoseconds> times_;
};

/// The subject, issuer and expiry of a certificate.
struct CertificateFacts {
  std::string subject;
  std::string issuer;
  std::string expires;  ///< "2027-03-01T12:00:00Z"
  std::int64_t days_left = 0;
  std::vector<std::string> names;  ///< "DNS:broker.example", "IP:192.0.2.1"
};

struct TlsFacts {
  std::string version;
  std::string cipher;
  std::string alpn;  ///< empty: none was negotiated
  std::optional<CertificateFacts> certificate;
  /// Why the certificate is not trusted; empty: it is.
  std::string distrust;
};

/// The result of a CONNECT with one protocol version.
struct VersionFacts {
  mqtt::ProtocolVersion version;
  bool is_accepted = false;
  std::string answer;  ///< why not
};

/// One capability of a broker: "yes", "no", a number, and a reason if needed.
struct Finding {
  std::string name;   ///< "maximum-qos"
  std::string label;  ///< "Maximum QoS"
  std::string value;
  bool is_number = false;
  bool is_absent = false;  ///< the broker announced none; `value` says so
};

/// The results of a probe.
struct ProbeReport {
  std::string broker;
  std::string address;  ///< the address that was reached
  Timing connect;       ///< look-up and TCP, and WebSocket if there is one
  Timing handshake;     ///< of TLS
  Timing login;         ///< CONNECT to CONNACK
  Timing ping;          ///< PINGREQ to PINGRESP
  Timing publish;       ///< PUBLISH at QoS 1 to PUBACK
  std::optional<TlsFacts> tls;
  std::vector<VersionFacts> versions;
  std::vector<Finding> announced;  ///< by CONNACK of MQTT 5
  std::vector<Finding> tried;
};

std::string as_table(const ProbeReport& report);
std::string as_json(const ProbeReport& report);

}  // namespace probe
