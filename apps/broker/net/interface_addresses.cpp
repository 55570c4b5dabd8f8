#include "net/interface_addresses.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <system_error>

namespace broker {
namespace {

using mqtt::io::SocketAddress;

/// `address` with `port`, if it is an IP address.
void add(const sockaddr& address, std::uint16_t port, std::vector<SocketAddress>& addresses) {
  if (address.sa_family == AF_INET) {
    sockaddr_in ip{};
    std::memcpy(&ip, &address, sizeof ip);
    ip.sin_port = htons(port);
    addresses.emplace_back(reinterpret_cast<const sockaddr*>(&ip),
                           static_cast<socklen_t>(sizeof ip));
  }
  if (address.sa_family == AF_INET6) {
    sockaddr_in6 ip{};
    std::memcpy(&ip, &address, sizeof ip);
    ip.sin6_port = htons(port);
    addresses.emplace_back(reinterpret_cast<const sockaddr*>(&ip),
                           static_cast<socklen_t>(sizeof ip));
  }
}

}  // namespace

tl::expected<std::vector<SocketAddress>, std::string> interface_addresses(const std::string& name,
                                                                          std::uint16_t port,
                                                                          int family) {
  if (if_nametoindex(name.c_str()) == 0)
    return tl::unexpected(std::string("there is no such interface"));
  ifaddrs* list = nullptr;
  if (getifaddrs(&list) != 0) return tl::unexpected(std::generic_category().message(errno));
  const std::unique_ptr<ifaddrs, decltype(&freeifaddrs)> owned(list, &freeifaddrs);
  std::vector<SocketAddress> addresses;
  for (const ifaddrs* entry = list; entry != nullptr; entry = entry->ifa_next) {
    if (entry->ifa_addr == nullptr || name != entry->ifa_name) continue;
    if (family != AF_UNSPEC && entry->ifa_addr->sa_family != family) continue;
    add(*entry->ifa_addr, port, addresses);
  }
  if (addresses.empty()) return tl::unexpected(std::string("it has no address"));
  return addresses;
}

}  // namespace broker
