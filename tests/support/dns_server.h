#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "mqtt/protocol/bytes.h"

namespace mqtt::test {

/// One record of an answer, as the test wants it.
struct DnsRecord {
  std::uint16_t type = 33;  ///< SRV
  std::vector<std::uint8_t> data;
};

/// The data of an SRV record.
DnsRecord srv(std::uint16_t priority, std::uint16_t weight, std::uint16_t port,
              const std::string& target);

/// A whole DNS message that answers the question for SRV records of `name`. `code` is the RCODE.
std::vector<std::uint8_t> dns_answer(const std::string& name, const std::vector<DnsRecord>& records,
                                     std::uint8_t code = 0);

/// A name server on loopback, on a thread of its own: it knows the names it was given, and says of
/// all others that they do not exist.
class DnsServer {
 public:
  explicit DnsServer(std::map<std::string, std::vector<DnsRecord>> zone);
  ~DnsServer();
  DnsServer(const DnsServer&) = delete;
  DnsServer& operator=(const DnsServer&) = delete;

  /// "127.0.0.1:12345".
  std::string address() const;
  /// The names that were asked for, so far.
  std::vector<std::string> questions();

 private:
  void serve();
  std::vector<std::uint8_t> answer_to(ByteView question);

  std::map<std::string, std::vector<DnsRecord>> zone_;
  int socket_ = -1;
  std::uint16_t port_ = 0;
  std::mutex mutex_;
  std::vector<std::string> questions_;
  std::thread thread_;
};

}  // namespace mqtt::test
