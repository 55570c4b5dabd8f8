#include "support/dns_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <stdexcept>
#include <utility>

namespace mqtt::test {
namespace {

constexpr std::size_t header_size = 12;

using Bytes = std::vector<std::uint8_t>;

void put_16(Bytes& out, unsigned value) {
  out.push_back(static_cast<std::uint8_t>(value >> 8));
  out.push_back(static_cast<std::uint8_t>(value));
}

void put_name(Bytes& out, const std::string& name) {
  std::size_t begin = 0;
  while (begin < name.size() && name != ".") {
    const std::size_t dot = std::min(name.find('.', begin), name.size());
    out.push_back(static_cast<std::uint8_t>(dot - begin));
    out.insert(out.end(), name.begin() + static_cast<std::ptrdiff_t>(begin),
               name.begin() + static_cast<std::ptrdiff_t>(dot));
    begin = dot + 1;
  }
  out.push_back(0);
}

/// The name of the question, which no compression shortens.
std::string name_in(ByteView question) {
  std::string name;
  std::size_t at = header_size;
  while (at < question.size() && question[at] != 0) {
    const std::size_t length = question[at++];
    if (at + length > question.size()) return {};
    if (!name.empty()) name += '.';
    name.append(as_text(question.subspan(at, length)));
    at += length;
  }
  return name;
}

}  // namespace

DnsRecord srv(std::uint16_t priority, std::uint16_t weight, std::uint16_t port,
              const std::string& target) {
  DnsRecord record;
  put_16(record.data, priority);
  put_16(record.data, weight);
  put_16(record.data, port);
  put_name(record.data, target);
  return record;
}

std::vector<std::uint8_t> dns_answer(const std::string& name, const std::vector<DnsRecord>& records,
                                     std::uint8_t code) {
  Bytes out{0, 0, 0x85, code};  // an answer with authority
  put_16(out, 1);
  put_16(out, static_cast<unsigned>(records.size()));
  put_16(out, 0);
  put_16(out, 0);
  put_name(out, name);
  put_16(out, 33);
  put_16(out, 1);
  for (const DnsRecord& record : records) {
    put_16(out, 0xC000 | header_size);  // the name of the question
    put_16(out, record.type);
    put_16(out, 1);
    put_16(out, 0);
    put_16(out, 60);
    put_16(out, static_cast<unsigned>(record.data.size()));
    out.insert(out.end(), record.data.begin(), record.data.end());
  }
  return out;
}

DnsServer::DnsServer(std::map<std::string, std::vector<DnsRecord>> zone)
    : zone_(std::move(zone)), socket_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  if (bind(socket_, reinterpret_cast<const sockaddr*>(&address), length) != 0 ||
      getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &length) != 0) {
    throw std::runtime_error("no socket for the name server");
  }
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { serve(); });
}

DnsServer::~DnsServer() {
  // An empty datagram ends the thread.
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port_);
  sendto(socket_, nullptr, 0, 0, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  thread_.join();
  close(socket_);
}

std::string DnsServer::address() const {
  return "127.0.0.1:" + std::to_string(port_);
}

std::vector<std::string> DnsServer::questions() {
  const std::lock_guard lock(mutex_);
  return questions_;
}

void DnsServer::serve() {
  std::array<std::uint8_t, 4096> buffer{};
  for (;;) {
    sockaddr_storage from{};
    socklen_t length = sizeof from;
    const ssize_t size = recvfrom(socket_, buffer.data(), buffer.size(), 0,
                                  reinterpret_cast<sockaddr*>(&from), &length);
    if (size <= 0) return;
    const Bytes answer = answer_to(ByteView(buffer).first(static_cast<std::size_t>(size)));
    sendto(socket_, answer.data(), answer.size(), 0, reinterpret_cast<const sockaddr*>(&from),
           length);
  }
}

Bytes DnsServer::answer_to(ByteView question) {
  constexpr std::uint8_t no_such_name = 3;
  const std::string name = name_in(question);
  {
    const std::lock_guard lock(mutex_);
    questions_.push_back(name);
  }
  const auto found = zone_.find(name);
  Bytes answer =
      found == zone_.end() ? dns_answer(name, {}, no_such_name) : dns_answer(name, found->second);
  if (question.size() > 1) {
    answer[0] = question[0];
    answer[1] = question[1];
  }
  return answer;
}

}  // namespace mqtt::test
