#include "mqtt/io/proxy_stream.h"

#include <string>
#include <utility>

namespace mqtt::io {

class ProxyStream::Detached final : public DetachedStream {
 public:
  Detached(std::unique_ptr<DetachedStream> below, std::unique_ptr<const ProxyHeader> header,
           std::vector<std::uint8_t> unread)
      : below_(std::move(below)), header_(std::move(header)), unread_(std::move(unread)) {}

  StreamPtr attach(Loop& loop) override {
    return StreamPtr(
        new ProxyStream(loop, below_->attach(loop), std::move(header_), std::move(unread_)));
  }

 private:
  std::unique_ptr<DetachedStream> below_;
  std::unique_ptr<const ProxyHeader> header_;
  std::vector<std::uint8_t> unread_;
};

ProxyStream::ProxyStream(Loop& loop, StreamPtr below, const ProxyRules& rules)
    : StreamLayer(loop, std::move(below)), rules_(rules), proxy_(StreamLayer::peer()) {}

ProxyStream::ProxyStream(Loop& loop, StreamPtr below, std::unique_ptr<const ProxyHeader> header,
                         std::vector<std::uint8_t> unread)
    : StreamLayer(loop, std::move(below), std::move(unread)),
      has_client_(true),
      header_(std::move(header)) {}

ProxyStream::Pointer ProxyStream::server(Loop& loop, StreamPtr below, const ProxyRules& rules) {
  return Pointer(new ProxyStream(loop, std::move(below), rules));
}

Stream::Peer ProxyStream::peer() const {
  return header_ && header_->source ? *header_->source : StreamLayer::peer();
}

bool ProxyStream::is_probe() const {
  if (header_ && header_->is_local) return true;
  const bool header_refused = header_begun_ && !header_;
  return state() == State::ended && !header_refused && !has_client_;
}

/// Proxies whose health checks use version 1 name their own end, which they may already have
/// closed.
bool ProxyStream::names_client(const ProxyHeader& header) const {
  if (!header.source) return false;
  const bool is_proxy =
      header.source->address == proxy_.address && header.source->port == proxy_.port;
  return !is_proxy && !proxy_.address.empty();
}

void ProxyStream::on_input() {
  if (state() == State::opening) take_header();
  if (state() == State::opening || !wants_input()) return;
  const ByteView bytes = input();
  take_input(bytes.size());
  has_client_ = has_client_ || !bytes.empty();
  deliver(bytes);
}

/// An incomplete header stays in `input`, and is parsed from its beginning whenever more has
/// arrived.
void ProxyStream::take_header() {
  header_begun_ = true;
  auto parsed = parse_proxy_header(input(), rules_.version);
  if (!parsed) return refuse(parsed.error());
  if (!*parsed) return;
  take_input((*parsed)->size);
  ProxyHeader& header = (*parsed)->header;
  if (header.is_local) {
    header_ = std::make_unique<const ProxyHeader>(std::move(header));
    return leave({StreamEnd::Cause::finished, ""});
  }
  if (rules_.require_tls && !header.tls) return refuse("it does not speak of TLS");
  if (rules_.require_certificate && !(header.tls && header.tls->certificate_verified)) {
    return refuse("it does not speak of a client certificate that was verified");
  }
  has_client_ = names_client(header);
  proxy_ = {};
  header_ = std::make_unique<const ProxyHeader>(std::move(header));
  opened();
}

void ProxyStream::refuse(std::string_view reason) {
  leave({StreamEnd::Cause::protocol, "PROXY header: " + std::string(reason)});
}

StreamEnd ProxyStream::end_from_below(const StreamEnd& end) const {
  const bool cut_off = state() == State::opening && header_begun_;
  if (!cut_off || end.cause != StreamEnd::Cause::closed_by_peer) return end;
  return {StreamEnd::Cause::protocol, "PROXY header: the connection was closed within it"};
}

std::unique_ptr<DetachedStream> ProxyStream::make_detached(std::unique_ptr<DetachedStream> below,
                                                           std::vector<std::uint8_t> unread) {
  return std::make_unique<Detached>(std::move(below), std::move(header_), std::move(unread));
}

}  // namespace mqtt::io
