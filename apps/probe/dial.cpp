#include "probe/dial.h"

#include <fmt/format.h>

#include <utility>

#include "mqtt/client/transport.h"
#include "mqtt/io/tls_context.h"
#include "mqtt/io/tls_stream.h"
#include "probe/certificate.h"

namespace probe {

namespace {

constexpr std::chrono::seconds patience{10};

/// The same rules, but whoever answers may show any certificate.
std::shared_ptr<const mqtt::io::TlsContext> without_verification(
    const mqtt::io::TlsContext& context) {
  mqtt::io::TlsContext::Options options = context.options();
  options.verify_peer = false;
  return mqtt::io::TlsContext::make(std::move(options)).value_or(nullptr);
}

TlsFacts facts_of(const mqtt::io::TlsStream& stream) {
  TlsFacts facts;
  facts.version = stream.version();
  facts.cipher = stream.cipher();
  facts.alpn = stream.alpn();
  facts.certificate = probe::facts_of(stream.peer_certificate_pem());
  return facts;
}

}  // namespace

Dial::Dial(mqtt::io::Loop& loop, mqtt::client::Endpoint endpoint, ProbeReport& report,
           std::function<void(const std::string&)> on_done)
    : report_(report),
      on_done_(std::move(on_done)),
      begin_(Clock::now()),
      patience_(loop, [this] { done("it takes too long"); }) {
  if (endpoint.tls) {
    endpoint.tls = without_verification(*endpoint.tls);
    endpoint.tls_verify_name = false;
    endpoint.on_tls_handshake = [this](std::chrono::nanoseconds time) { handshake_ = time; };
  }
  // The transport of an endpoint cannot fail before it is started.
  stream_ = std::move(*mqtt::client::transport_to(std::move(endpoint))(loop));
  stream_->set_handler(this);
  stream_->start();
  patience_.start(patience);
}

void Dial::on_open() {
  report_.connect.add(Clock::now() - begin_ - handshake_);
  if (handshake_.count() > 0) report_.handshake.add(handshake_);
  const mqtt::io::Stream::Peer peer = stream_->peer();
  const bool is_ipv6 = peer.address.find(':') != std::string::npos;
  report_.address = peer.port == 0 ? peer.address
                    : is_ipv6      ? fmt::format("[{}]:{}", peer.address, peer.port)
                                   : fmt::format("{}:{}", peer.address, peer.port);
  if (const mqtt::io::TlsStream* const tls = stream_->tls(); tls != nullptr && !report_.tls) {
    report_.tls = facts_of(*tls);
  }
  done({});
}

void Dial::on_data(mqtt::ByteView /*bytes*/) {
  // Nobody was asked anything yet.
}

void Dial::on_end(const mqtt::io::StreamEnd& end) {
  done(end.text.empty() ? "the connection was closed" : end.text);
}

void Dial::done(const std::string& error) {
  stream_.reset();
  patience_.stop();
  const auto told = std::move(on_done_);
  told(error);
}

}  // namespace probe
