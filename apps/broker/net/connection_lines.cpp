/// What a connection tells the log, see docs/log-lines.md.

#include "log/shown_name.h"
#include "mqtt/io/proxy_stream.h"
#include "mqtt/io/tls_stream.h"
#include "net/closing_reason.h"
#include "net/connection.h"

namespace broker {
namespace {

/// Proxies tell the version, and the cipher if they are set so.
std::string shown(const mqtt::io::ProxyTls& tls) {
  const std::string version = tls.version.empty() ? "TLS" : tls.version;
  return tls.cipher.empty() ? version : version + " cipher " + tls.cipher;
}

}  // namespace

/// The client's identifier as far as it is known; otherwise empty.
std::string_view Connection::known_id() const {
  if (session_ != nullptr) return session_->client_id();
  if (!opening_) return {};
  return opening_->client_id.empty() ? opening_->connect.client_id : opening_->client_id;
}

ConnectionLog Connection::connection_log() {
  std::string_view user;
  if (session_ != nullptr) {
    user = session_->core().user_name();
  } else if (opening_) {
    user = opening_->user_name.empty() ? opening_->connect.user_name.value_or("")
                                       : std::string_view(opening_->user_name);
  }
  return {log(), {peer_.address(), peer_.port(), known_id(), user}};
}

/// Behind a proxy it is not known yet who comes.
void Connection::log_accepted() {
  if (!config().connection_messages || stream_->proxy() != nullptr) return;
  connection_log().accepted(listener_config().port);
}

void Connection::log_connected(const mqtt::Connect& packet, std::string_view user) {
  if (config().connection_messages) {
    ConnectionLog(log(), {peer_.address(), peer_.port(), session_->client_id(), user})
        .connected(packet);
    log_encryption();
  }
  if (packets_are_logged()) packet_log().will(packet);
}

void Connection::log_encryption() {
  const std::string_view id = session_->client_id();
  const LogFields fields{.client = id};
  if (const mqtt::io::TlsStream* tls = stream_->tls()) {
    log().write(LogType::notice, fields, "Client {} negotiated {} cipher {}.", ShownName{id},
                tls->version(), tls->cipher());
  } else if (const mqtt::io::ProxyStream* proxy = stream_->proxy();
             proxy != nullptr && proxy->header()->tls) {
    log().write(LogType::notice, fields, "Client {} negotiated {} with its proxy.", ShownName{id},
                shown(*proxy->header()->tls));
  }
}

void Connection::log_refused(const Refusal& refusal) {
  const std::string words = closing_reason(refusal.reason);
  connection_log().refused(refusal.why.empty() ? words : refusal.why, context_.refused_clients,
                           worker().now());
}

/// Once: who is being disconnected has had its line.
void Connection::log_disconnected(std::string_view reason, std::string_view detail) {
  if (stream_ == nullptr || disconnecting_ || log_without_client(detail.empty() ? reason : detail))
    return;
  ConnectionLog lines = connection_log();
  if (!detail.empty()) lines.violation(reason, detail, context_.violations, worker().now());
  if (config().connection_messages) lines.disconnected(reason);
}

/// Behind a proxy: the end of a connection that never had a client. False if it had one. Health
/// checks come every few seconds and are no news; anything else about a header is, but not each
/// time.
bool Connection::log_without_client(std::string_view reason) {
  const mqtt::io::ProxyStream* const proxy = stream_->proxy();
  if (proxy == nullptr || (proxy->header() != nullptr && !proxy->is_probe())) return false;
  const std::string listener = name(listener_config());
  if (proxy->is_probe()) {
    log().debug("Health check of listener {} from {}:{}.", listener, peer_.address(), peer_.port());
    return true;
  }
  if (!context_.refused_by_proxy_rules.may_write(log(), LogType::notice, worker().now(),
                                                 "connections not taken from proxies"))
    return true;
  log().notice("Connection from {}:{} to listener {} not taken from the proxy: {}.",
               peer_.address(), peer_.port(), listener, reason);
  return true;
}

// --- Packets

void Connection::log_connack(const mqtt::Connack& connack, mqtt::ProtocolVersion version) {
  const std::string address = peer_.address();
  const std::string_view id = known_id();
  const unsigned code = mqtt::is_v5(version) ? static_cast<unsigned>(connack.reason)
                                             : mqtt::connect_return_code(connack.reason);
  PacketLog(log(), id.empty() ? address : id).sending_connack(connack.session_present, code);
}

void Connection::log_publish(const MessageView& message, bool dup, std::uint16_t packet_id,
                             mqtt::ReasonCode refusal) {
  packet_log().received_publish(
      {dup, message.qos, message.retain, packet_id, message.topic.text(), message.payload.size()},
      refusal);
}

void Connection::log_sending(const MessageView& message, const OutgoingPublish& out) {
  packet_log().sending_publish(
      {out.dup, out.qos, out.retain, out.packet_id, message.topic.text(), message.payload.size()});
}

}  // namespace broker
