#include "config/listener_pairs.h"

#include <cstdint>
#include <map>
#include <string_view>
#include <tuple>

namespace broker {

bool same_address(const ListenerConfig& a, const ListenerConfig& b) {
  return a.port == b.port && a.host == b.host && a.unix_path == b.unix_path;
}

bool needs_reopening(const ListenerConfig& running, const ListenerConfig& fresh) {
  return running.protocol != fresh.protocol || running.socket_domain != fresh.socket_domain ||
         running.bind_interface != fresh.bind_interface;
}

std::vector<std::optional<std::size_t>> continued_listeners(std::span<const ListenerConfig> running,
                                                            std::span<const ListenerConfig> fresh) {
  const auto address = [](const ListenerConfig& listener) {
    return std::tuple<std::uint16_t, std::string_view, std::string_view>(
        listener.port, listener.host, listener.unix_path);
  };
  std::multimap<decltype(address(fresh[0])), std::size_t> left;  // equals stay in their order
  for (std::size_t i = 0; i < running.size(); ++i) left.emplace(address(running[i]), i);
  std::vector<std::optional<std::size_t>> result;
  for (const ListenerConfig& listener : fresh) {
    std::optional<std::size_t>& continues = result.emplace_back();
    const auto first = left.lower_bound(address(listener));
    if (first == left.end() || first->first != address(listener)) continue;
    continues = first->second;
    left.erase(first);
  }
  return result;
}

}  // namespace broker
