#include "net/connection_log.h"

#include <fmt/format.h>

#include "log/shown_name.h"

namespace broker {

LogFields ConnectionLog::fields(std::string_view reason) const {
  return {.client = client_.id,
          .user = client_.user,
          .address = client_.address,
          .port = client_.port,
          .reason = reason};
}

void ConnectionLog::accepted(std::uint16_t listener_port) {
  log_.write(LogType::notice, fields(), "New connection from {}:{} on port {}.", client_.address,
             client_.port, listener_port);
}

void ConnectionLog::connected(const mqtt::Connect& connect) {
  if (!log_.wants(LogType::notice)) return;
  const std::string user =
      client_.user.empty() ? std::string() : fmt::format(", u'{}'", ShownName{client_.user});
  log_.write(LogType::notice, fields(), "New {} connected from {}:{} as {} (p{}, c{}, k{}{}).",
             connect.bridge ? "bridge" : "client", client_.address, client_.port, ShownName{id()},
             static_cast<int>(connect.version), connect.clean_start ? 1 : 0, connect.keep_alive_s,
             user);
}

void ConnectionLog::disconnected(std::string_view reason) {
  log_.write(LogType::notice, fields(reason), "Client {} [{}:{}] disconnected{}{}.",
             ShownName{id()}, client_.address, client_.port, reason.empty() ? "" : ": ",
             ShownName{reason});
}

void ConnectionLog::refused(std::string_view why, LineRate& rate, Millis now) {
  if (!rate.may_write(log_, LogType::notice, now, "refused clients")) return;
  const std::string user =
      client_.user.empty() ? std::string() : fmt::format(", user '{}'", ShownName{client_.user});
  log_.write(LogType::notice, fields(why), "Refused client {} [{}:{}]{}: {}.", ShownName{id()},
             client_.address, client_.port, user, why);
}

void ConnectionLog::violation(std::string_view reason, std::string_view detail, LineRate& rate,
                              Millis now) {
  if (!rate.may_write(log_, LogType::notice, now, "protocol errors")) return;
  std::string title(reason);
  if (!title.empty() && title[0] >= 'a' && title[0] <= 'z')
    title[0] = static_cast<char>(title[0] - 'a' + 'A');
  log_.write(LogType::notice, fields(detail), "{} from {} [{}:{}]: {}.", title, ShownName{id()},
             client_.address, client_.port, ShownName{detail});
}

}  // namespace broker
