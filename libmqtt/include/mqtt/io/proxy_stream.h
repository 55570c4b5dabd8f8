#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "mqtt/io/proxy_header.h"
#include "mqtt/io/stream_layer.h"

namespace mqtt::io {

/// The server's requirements for the header.
struct ProxyRules {
  ProxyVersion version = ProxyVersion::v2;
  bool require_tls = false;          ///< the client must use TLS to the proxy
  bool require_certificate = false;  ///< and have presented a certificate that the proxy verified
};

/// A byte stream behind a proxy that uses the PROXY protocol: reads the header, then passes data
/// through. It opens when a valid header has been received; until then it keeps fewer bytes than
/// the longest header. A health check of the proxy is closed orderly without having opened.
///
/// The header is trusted. Anyone who can reach the socket can send any header, so only proxies must
/// be able to reach it.
class ProxyStream final : public StreamLayer {
 public:
  using Pointer = std::unique_ptr<ProxyStream, StreamDeleter>;

  /// The side that the proxy connects to. `below` has not been started.
  static Pointer server(Loop& loop, StreamPtr below, const ProxyRules& rules);

  const ProxyStream* proxy() const override { return this; }
  /// The client if the stream is open and the proxy knows it; otherwise the proxy.
  Peer peer() const override;

  /// The header; nullptr until it is complete, and if it was refused.
  const ProxyHeader* header() const { return header_.get(); }
  /// Whether the connection was a health check, without a client: known after LOCAL, otherwise at
  /// the end, if no byte was received, or none after a header that names nobody or the proxy's own
  /// end of the connection.
  bool is_probe() const;

 private:
  class Detached;

  ProxyStream(Loop& loop, StreamPtr below, const ProxyRules& rules);
  ProxyStream(Loop& loop, StreamPtr below, std::unique_ptr<const ProxyHeader> header,
              std::vector<std::uint8_t> unread);

  void begin() override {}
  void on_input() override;
  std::size_t encode(std::span<const ByteView> buffers) override { return pass(buffers); }
  void say_farewell() override {}
  bool is_farewell_answered() const override { return true; }
  StreamEnd end_from_below(const StreamEnd& end) const override;
  std::unique_ptr<DetachedStream> make_detached(std::unique_ptr<DetachedStream> below,
                                                std::vector<std::uint8_t> unread) override;

  void take_header();
  void refuse(std::string_view reason);

  bool names_client(const ProxyHeader& header) const;

  ProxyRules rules_;
  bool header_begun_ = false;
  bool has_client_ = false;  ///< the header names one, or data was received
  Peer proxy_;  ///< from the beginning on: the system may forget it before the header is read
  std::unique_ptr<const ProxyHeader> header_;
};

}  // namespace mqtt::io
