#include "http_head.h"

#include <algorithm>

namespace mqtt::io {
namespace {

/// Otherwise a head of a few thousand bytes could need many times its size.
constexpr std::size_t field_count_limit = 100;

constexpr std::string_view white_space = " \t\r\n";

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(white_space);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(white_space) - first + 1);
}

bool is_same_name(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](char x, char y) { return lower(x) == lower(y); });
}

}  // namespace

HttpHead::HttpHead(Kind kind, std::size_t size_limit) : size_left_(size_limit) {
  http_parser_init(&parser_, kind == Kind::request ? HTTP_REQUEST : HTTP_RESPONSE);
  parser_.data = this;
}

const http_parser_settings& HttpHead::settings() {
  static const http_parser_settings made = [] {
    http_parser_settings all{};
    http_parser_settings_init(&all);
    all.on_url = [](http_parser* parser, const char* at, std::size_t size) {
      static_cast<HttpHead*>(parser->data)->target_.append(at, size);
      return 0;
    };
    all.on_header_field = [](http_parser* parser, const char* at, std::size_t size) {
      return static_cast<HttpHead*>(parser->data)->on_field_name({at, size});
    };
    all.on_header_value = [](http_parser* parser, const char* at, std::size_t size) {
      return static_cast<HttpHead*>(parser->data)->on_field_value({at, size});
    };
    all.on_headers_complete = [](http_parser* parser) {
      static_cast<HttpHead*>(parser->data)->complete_ = true;
      return 2;  // what follows is no HTTP: the parser stops behind the head
    };
    return all;
  }();
  return made;
}

HttpHead::Outcome HttpHead::take(ByteView& bytes) {
  if (!first_byte_ && !bytes.empty()) first_byte_ = bytes.front();
  const std::size_t count = std::min(bytes.size(), size_left_);
  const std::size_t taken =
      http_parser_execute(&parser_, &settings(), as_text(bytes).data(), count);
  bytes = bytes.subspan(std::min(taken, count));
  size_left_ -= std::min(taken, count);
  if (complete_) return Outcome::complete;
  if (fields_.size() > field_count_limit) return Outcome::too_long;
  if (HTTP_PARSER_ERRNO(&parser_) != HPE_OK) return Outcome::malformed;
  return size_left_ == 0 ? Outcome::too_long : Outcome::need_more;
}

int HttpHead::on_field_name(std::string_view part) {
  if (std::exchange(in_value_, false)) fields_.emplace_back();
  fields_.back().first += part;
  return fields_.size() > field_count_limit ? -1 : 0;
}

int HttpHead::on_field_value(std::string_view part) {
  in_value_ = true;
  fields_.back().second += part;
  return 0;
}

std::string_view HttpHead::method() const {
  return http_method_str(static_cast<http_method>(parser_.method));
}

std::optional<std::string> HttpHead::field(std::string_view name) const {
  std::optional<std::string> joined;
  for (const auto& [field_name, value] : fields_) {
    if (!is_same_name(field_name, name)) continue;
    if (joined) {
      joined->append(", ").append(trimmed(value));
    } else {
      joined = trimmed(value);
    }
  }
  return joined;
}

bool HttpHead::field_has(std::string_view name, std::string_view token) const {
  const auto list = field(name);
  if (!list) return false;
  const auto elements = split_http_list(*list);
  return std::any_of(elements.begin(), elements.end(),
                     [&](std::string_view element) { return is_same_name(element, token); });
}

std::vector<std::string_view> split_http_list(std::string_view list) {
  std::vector<std::string_view> elements;
  while (!list.empty()) {
    const std::size_t comma = list.find(',');
    const std::string_view element = trimmed(list.substr(0, comma));
    if (!element.empty()) elements.push_back(element);
    list = comma == std::string_view::npos ? std::string_view() : list.substr(comma + 1);
  }
  return elements;
}

}  // namespace mqtt::io
