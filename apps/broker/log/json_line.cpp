#include "log/json_line.h"

#include <fmt/format.h>

#include <iterator>
#include <nlohmann/json.hpp>

namespace broker {
namespace {

std::string json_string(std::string_view text) {
  using nlohmann::json;
  return json(text).dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace

void append_json_line(std::string& line, std::time_t time, std::string_view type,
                      std::string_view text) {
  fmt::format_to(std::back_inserter(line), R"({{"time":{},"type":"{}","text":{}}})", time, type,
                 json_string(text));
}

}  // namespace broker
