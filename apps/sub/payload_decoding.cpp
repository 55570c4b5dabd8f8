#include "sub/payload_decoding.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "cli/options/ascii_case.h"
#include "cli/options/choice.h"
#include "cli/options/hex.h"
#include "cli/output/json_writer.h"
#include "cli/output/printable_text.h"
#include "mqtt/credentials/base64.h"
#include "sub/cbor_json.h"

namespace sub {

namespace {

using Json = nlohmann::json;
using Format = Json::input_format_t;

constexpr cli::Choices<PayloadCoding, 5> names{{
    {"cbor", PayloadCoding::cbor},
    {"msgpack", PayloadCoding::msgpack},
    {"hex", PayloadCoding::hex},
    {"base64", PayloadCoding::base64},
    {"auto", PayloadCoding::automatic},
}};

/// Content types, without their parameters; `automatic` leaves the payload as it is.
constexpr std::array<std::pair<std::string_view, PayloadCoding>, 5> content_types{{
    {"application/json", PayloadCoding::automatic},
    {"application/cbor", PayloadCoding::cbor},
    {"application/msgpack", PayloadCoding::msgpack},
    {"application/x-msgpack", PayloadCoding::msgpack},
    {"application/vnd.msgpack", PayloadCoding::msgpack},
}};

/// Writes what is found as JSON, by the same rules as `cbor_to_json`.
class JsonOf : public nlohmann::json_sax<Json> {
 public:
  explicit JsonOf(std::string& out) : writer_(out, cli::JsonWriter::Style::compact) {}

  bool null() override { return writer_.null(), true; }
  bool boolean(bool value) override { return writer_.boolean(value), true; }
  bool number_integer(number_integer_t value) override {
    return writer_.signed_integer(value), true;
  }
  bool number_unsigned(number_unsigned_t value) override { return writer_.integer(value), true; }
  bool number_float(number_float_t value, const string_t& /*text*/) override {
    if (!std::isfinite(value)) return null();
    return writer_.number(value), true;
  }
  bool string(string_t& value) override {
    if (!cli::is_utf8(value)) return refuse("a text in it is not UTF-8");
    return writer_.string(value), true;
  }
  bool binary(binary_t& value) override {
    return writer_.string(mqtt::to_base64(value, mqtt::Base64Padding::padded)), true;
  }
  bool start_object(std::size_t /*size*/) override {
    return enter() && (writer_.begin_object(), true);
  }
  bool key(string_t& value) override {
    if (!cli::is_utf8(value)) return refuse("a key in it is not UTF-8");
    return writer_.key(value), true;
  }
  bool end_object() override { return --depth_, writer_.end_object(), true; }
  bool start_array(std::size_t /*size*/) override {
    return enter() && (writer_.begin_array(), true);
  }
  bool end_array() override { return --depth_, writer_.end_array(), true; }
  bool parse_error(std::size_t at, const std::string& /*token*/,
                   const nlohmann::detail::exception& /*error*/) override {
    return refuse("it makes no sense at byte " + std::to_string(at));
  }

  const std::string& error() const { return error_; }

 private:
  bool enter() {
    if (++depth_ <= most_nested) return true;
    return refuse("it is nested too deeply");
  }
  bool refuse(std::string reason) {
    if (error_.empty()) error_ = std::move(reason);
    return false;
  }

  cli::JsonWriter writer_;
  std::size_t depth_ = 0;
  std::string error_;
};

tl::expected<std::string, std::string> msgpack_to_json(std::string_view payload) {
  std::string text;
  JsonOf sax(text);
  if (Json::sax_parse(payload.begin(), payload.end(), &sax, Format::msgpack)) return text;
  return tl::unexpected("not MessagePack: " + sax.error());
}

std::string_view without_line_end(std::string_view text) {
  while (text.ends_with('\n') || text.ends_with('\r')) text.remove_suffix(1);
  return text;
}

std::string text_of(const std::vector<std::uint8_t>& bytes) {
  return std::string(mqtt::as_text(bytes));
}

tl::expected<std::string, std::string> from_hex(std::string_view payload) {
  const std::string_view digits = without_line_end(payload);
  if (digits.empty()) return std::string();
  const auto bytes = digits.size() % 2 == 0 ? cli::bytes_from_hex(digits) : std::nullopt;
  if (!bytes) return tl::unexpected(std::string("not pairs of hexadecimal digits"));
  return text_of(*bytes);
}

tl::expected<std::string, std::string> from_base64(std::string_view payload) {
  std::string digits(without_line_end(payload));
  std::ranges::replace(digits, '-', '+');
  std::ranges::replace(digits, '_', '/');
  const auto padding =
      digits.ends_with('=') ? mqtt::Base64Padding::padded : mqtt::Base64Padding::none;
  const auto bytes = mqtt::from_base64(digits, padding);
  if (!bytes) return tl::unexpected(std::string("not base64"));
  return text_of(*bytes);
}

/// What the content type says, if it says something that we know.
std::optional<PayloadCoding> declared_coding(const mqtt::Properties& properties) {
  const auto type = properties.text(mqtt::PropertyId::content_type);
  if (!type) return std::nullopt;
  std::string_view name = type->substr(0, type->find(';'));
  while (name.ends_with(' ')) name.remove_suffix(1);
  const std::string lower = cli::lower_case(name);
  const auto* const found =
      std::ranges::find(content_types, lower, &std::pair<std::string_view, PayloadCoding>::first);
  if (found == content_types.end()) return std::nullopt;
  return found->second;
}

/// Text as people write it: UTF-8 without control characters other than white space.
bool is_text(std::string_view payload) {
  return cli::is_utf8(payload) && std::ranges::none_of(payload, [](char c) {
           return (c >= 0 && c < ' ' && c != '\n' && c != '\r' && c != '\t') || c == 0x7F;
         });
}

/// Arrays and objects only: nearly any few bytes are some number.
bool is_structure(std::string_view json) {
  return json.starts_with('{') || json.starts_with('[');
}

tl::expected<std::string, std::string> decode_automatically(std::string_view payload,
                                                            const mqtt::Properties& properties) {
  if (const auto declared = declared_coding(properties)) {
    return *declared == PayloadCoding::automatic ? std::string(payload)
                                                 : decode_payload(*declared, payload, properties);
  }
  if (!is_text(payload)) {
    for (const auto& decode : {cbor_to_json, msgpack_to_json}) {
      auto json = decode(payload);
      if (json && is_structure(*json)) return json;
    }
  }
  return std::string(payload);
}

}  // namespace

tl::expected<PayloadCoding, std::string> payload_coding(const std::string& name) {
  return cli::choose(name, names);
}

tl::expected<std::string, std::string> decode_payload(PayloadCoding coding,
                                                      std::string_view payload,
                                                      const mqtt::Properties& properties) {
  switch (coding) {
    case PayloadCoding::cbor:
      return cbor_to_json(payload);
    case PayloadCoding::msgpack:
      return msgpack_to_json(payload);
    case PayloadCoding::hex:
      return from_hex(payload);
    case PayloadCoding::base64:
      return from_base64(payload);
    case PayloadCoding::automatic:
      break;
  }
  return decode_automatically(payload, properties);
}

}  // namespace sub
