#include "net/connection_log.h"

#include <fmt/format.h>

#include "log/shown_name.h"
#include "mqtt/io/proxy_stream.h"
#include "mqtt/io/tls_stream.h"

namespace broker {
namespace {

/// Proxies tell the version, and the cipher if they are set so.
std::string shown(const mqtt::io::ProxyTls& tls) {
  const std::string version = tls.version.empty() ? "TLS" : tls.version;
  return tls.cipher.empty() ? version : version + " cipher " + tls.cipher;
}

}  // namespace

LogFields ConnectionLog::fields(std::string_view reason) const {
  return {.client = client_.id,
          .user = client_.user,
          .address = client_.address,
          .port = client_.port,
          .reason = reason};
}

bool ConnectionLog::may_write(LineRate& rate, std::string_view kind) {
  return rate.may_write(here_.log, LogType::notice, here_.worker.now(), kind);
}

void ConnectionLog::accepted(std::uint16_t listener_port) {
  if (!here_.config->connection_messages || stream_.proxy() != nullptr) return;
  here_.log.write(LogType::notice, fields(), "New connection from {}:{} on port {}.",
                  client_.address, client_.port, listener_port);
}

void ConnectionLog::connected(const mqtt::Connect& connect) {
  if (!here_.config->connection_messages || !here_.log.wants(LogType::notice)) return;
  const std::string user =
      client_.user.empty() ? std::string() : fmt::format(", u'{}'", ShownName{client_.user});
  here_.log.write(LogType::notice, fields(), "New {} connected from {}:{} as {} (p{}, c{}, k{}{}).",
                  connect.bridge ? "bridge" : "client", client_.address, client_.port,
                  ShownName{id()}, static_cast<int>(connect.version), connect.clean_start ? 1 : 0,
                  connect.keep_alive_s, user);
  encryption();
}

void ConnectionLog::encryption() {
  const LogFields fields{.client = id()};
  if (const mqtt::io::TlsStream* tls = stream_.tls()) {
    here_.log.write(LogType::notice, fields, "Client {} negotiated {} cipher {}.", ShownName{id()},
                    tls->version(), tls->cipher());
  } else if (const mqtt::io::ProxyStream* proxy = stream_.proxy();
             proxy != nullptr && proxy->header()->tls) {
    here_.log.write(LogType::notice, fields, "Client {} negotiated {} with its proxy.",
                    ShownName{id()}, shown(*proxy->header()->tls));
  }
}

void ConnectionLog::refused(std::string_view why) {
  if (!may_write(rates_.refused_clients, "refused clients")) return;
  const std::string user =
      client_.user.empty() ? std::string() : fmt::format(", user '{}'", ShownName{client_.user});
  here_.log.write(LogType::notice, fields(why), "Refused client {} [{}:{}]{}: {}.", ShownName{id()},
                  client_.address, client_.port, user, why);
}

void ConnectionLog::ended(std::string_view listener, std::string_view reason,
                          std::string_view detail) {
  const mqtt::io::ProxyStream* const proxy = stream_.proxy();
  const bool had_client = proxy == nullptr || (proxy->header() != nullptr && !proxy->is_probe());
  if (had_client) return disconnected(reason, detail);
  not_taken(listener, detail.empty() ? reason : detail, proxy->is_probe());
}

void ConnectionLog::disconnected(std::string_view reason, std::string_view detail) {
  if (!detail.empty()) violation(reason, detail);
  if (!here_.config->connection_messages) return;
  here_.log.write(LogType::notice, fields(reason), "Client {} [{}:{}] disconnected{}{}.",
                  ShownName{id()}, client_.address, client_.port, reason.empty() ? "" : ": ",
                  ShownName{reason});
}

/// Health checks come every few seconds and are no news; anything else about a header is, but not
/// each time.
void ConnectionLog::not_taken(std::string_view listener, std::string_view reason, bool is_probe) {
  if (is_probe) {
    here_.log.debug("Health check of listener {} from {}:{}.", listener, client_.address,
                    client_.port);
    return;
  }
  if (!may_write(rates_.refused_by_proxy_rules, "connections not taken from proxies")) return;
  here_.log.notice("Connection from {}:{} to listener {} not taken from the proxy: {}.",
                   client_.address, client_.port, listener, reason);
}

void ConnectionLog::violation(std::string_view reason, std::string_view detail) {
  if (!may_write(rates_.violations, "protocol errors")) return;
  std::string title(reason);
  if (!title.empty() && title[0] >= 'a' && title[0] <= 'z')
    title[0] = static_cast<char>(title[0] - 'a' + 'A');
  here_.log.write(LogType::notice, fields(detail), "{} from {} [{}:{}]: {}.", title,
                  ShownName{id()}, client_.address, client_.port, ShownName{detail});
}

}  // namespace broker
