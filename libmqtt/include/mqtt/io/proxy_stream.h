#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "mqtt/io/proxy_header.h"
#include "mqtt/io/stream_layer.h"

namespace mqtt::io {

/// What a server wants of the header in front of its connections.
struct ProxyRules {
  ProxyVersion version = ProxyVersion::v2;
  bool require_tls = false;          ///< the client has to speak TLS with the proxy
  bool require_certificate = false;  ///< and to have shown a certificate that the proxy verified
};

/// A byte stream behind a proxy that speaks the PROXY protocol: reads the header, and from then on
/// adds nothing. It opens when the header has come and fulfils the rules; until then it keeps fewer
/// bytes than a header may have. A connection that the proxy makes for itself is ended in order
/// without having opened.
///
/// The header is believed: whoever can reach the socket can say what it likes, so let proxies alone
/// reach it.
class ProxyStream final : public StreamLayer {
 public:
  using Pointer = std::unique_ptr<ProxyStream, StreamDeleter>;

  /// The side that the proxy connects to. `below` has not been started.
  static Pointer server(Loop& loop, StreamPtr below, const ProxyRules& rules);

  const ProxyStream* proxy() const override { return this; }
  /// The client once the stream is open and the proxy knows it; the proxy before and otherwise.
  Peer peer() const override;

  /// What the proxy has said; nullptr until it has, and when it was refused.
  const ProxyHeader* header() const { return header_.get(); }
  /// Whether nobody was behind the connection but the proxy, or whatever else looks whether the
  /// server is there: known from LOCAL on, otherwise at the end, if no byte has come, or none after
  /// a header that names nobody or the proxy's own end of the connection.
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
  bool has_client_ = false;  ///< the header names one, or it has said something
  Peer proxy_;  ///< from the beginning on: the system may forget it before the header is read
  std::unique_ptr<const ProxyHeader> header_;
};

}  // namespace mqtt::io
