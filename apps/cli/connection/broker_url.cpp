#include "cli/connection/broker_url.h"

#include <algorithm>
#include <array>
#include <utility>

#include "cli/connection/url_authority.h"
#include "cli/options/ascii_case.h"

namespace cli {

namespace {

struct Scheme {
  std::string_view name;
  bool tls;
  bool websocket;
  std::uint16_t default_port;
};

constexpr std::array schemes{
    Scheme{"mqtt", false, false, 1883},
    Scheme{"mqtts", true, false, 8883},
    Scheme{"ws", false, true, 1883},
    Scheme{"wss", true, true, 8883},
};

}  // namespace

tl::expected<BrokerUrl, std::string> parse_broker_url(std::string_view text) {
  const std::size_t scheme_end = text.find("://");
  const std::string name =
      scheme_end == std::string_view::npos ? "" : lower_case(text.substr(0, scheme_end));
  const auto* const scheme = std::ranges::find(schemes, name, &Scheme::name);
  if (scheme == schemes.end()) {
    return tl::unexpected(
        std::string("a URL begins with mqtt://, mqtts://, ws:// or wss://, then "
                    "[user[:password]@]host[:port]/topic"));
  }
  BrokerUrl url;
  url.tls = scheme->tls;
  url.websocket = scheme->websocket;
  url.port = scheme->default_port;

  std::string_view authority = text.substr(scheme_end + 3);
  if (const std::size_t slash = authority.find('/'); slash != std::string_view::npos) {
    if (slash + 1 < authority.size()) url.topic = authority.substr(slash + 1);
    authority = authority.substr(0, slash);
  }
  return parse_url_authority(authority).map([&url](UrlAuthority&& server) {
    url.host = std::move(server.host);
    url.port = server.port.value_or(url.port);
    url.has_port = server.port.has_value();
    url.user_name = std::move(server.user_name);
    url.password = std::move(server.password);
    return url;
  });
}

}  // namespace cli
