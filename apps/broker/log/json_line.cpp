#include "log/json_line.h"

#include <fmt/format.h>

#include <iterator>
#include <nlohmann/json.hpp>

#include "log/cut.h"

namespace broker {
namespace {

std::string json_string(std::string_view text) {
  using nlohmann::json;
  return json(text).dump(-1, ' ', false, json::error_handler_t::replace);
}

void append_field(std::string& line, std::string_view name, std::string_view value) {
  if (value.empty()) return;
  fmt::format_to(std::back_inserter(line), R"("{}":{},)", name,
                 json_string(cut(value, max_field_bytes)));
}

}  // namespace

void append_json_line(std::string& line, std::int64_t time_ms, LogType type,
                      const LogFields& fields, std::string_view text) {
  fmt::format_to(std::back_inserter(line), R"({{"time":{}.{:03},"level":"{}","type":"{}",)",
                 time_ms / 1000, time_ms % 1000, level_name(type),
                 log_type_names[static_cast<std::size_t>(type)]);
  append_field(line, "client", fields.client);
  append_field(line, "user", fields.user);
  append_field(line, "address", fields.address);
  if (fields.port != 0) fmt::format_to(std::back_inserter(line), R"("port":{},)", fields.port);
  append_field(line, "reason", fields.reason);
  fmt::format_to(std::back_inserter(line), R"("text":{}}})", json_string(text));
}

}  // namespace broker
