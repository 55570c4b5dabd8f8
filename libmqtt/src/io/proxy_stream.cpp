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
    : StreamLayer(loop, std::move(below)), rules_(rules) {}

ProxyStream::ProxyStream(Loop& loop, StreamPtr below, std::unique_ptr<const ProxyHeader> header,
                         std::vector<std::uint8_t> unread)
    : StreamLayer(loop, std::move(below), std::move(unread)),
      data_seen_(true),
      header_(std::move(header)) {}

ProxyStream::Pointer ProxyStream::server(Loop& loop, StreamPtr below, const ProxyRules& rules) {
  return Pointer(new ProxyStream(loop, std::move(below), rules));
}

Stream::Peer ProxyStream::peer() const {
  return header_ && header_->source ? *header_->source : StreamLayer::peer();
}

bool ProxyStream::is_probe() const {
  if (header_) {
    return header_->is_local || (!header_->source && !data_seen_ && state() == State::ended);
  }
  return !header_begun_ && state() == State::ended;
}

void ProxyStream::on_input() {
  if (state() == State::opening) take_header();
  if (state() == State::opening || !wants_input()) return;
  const ByteView bytes = input();
  take_input(bytes.size());
  data_seen_ = data_seen_ || !bytes.empty();
  deliver(bytes);
}

/// As long as the header is not complete it stays in `input`, and is looked at from its beginning
/// whenever more has come.
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
