#include "access/files/psk_file.h"

#include <utility>

#include "config/directive_value.h"
#include "mqtt/protocol/utf8.h"

namespace broker {
namespace {

std::optional<unsigned> hex_digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A' + 10);
  return std::nullopt;
}

std::optional<std::vector<std::uint8_t>> from_hex(std::string_view text) {
  std::vector<std::uint8_t> bytes((text.size() + 1) / 2);
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto digit = hex_digit(text[text.size() - 1 - i]);
    if (!digit) return std::nullopt;
    bytes[bytes.size() - 1 - i / 2] |= static_cast<std::uint8_t>(i % 2 == 0 ? *digit : *digit << 4);
  }
  return bytes;
}

}  // namespace

tl::expected<PskFile, std::vector<mqtt::LineNote>> PskFile::parse(std::string_view text) {
  PskFile file;
  std::vector<mqtt::LineNote> errors;
  mqtt::LineReader lines(text);
  while (const auto line = lines.next()) {
    std::string error = file.take_line(lines.number(), *line);
    if (!error.empty()) errors.push_back({lines.number(), std::move(error)});
  }
  if (!errors.empty()) return tl::unexpected(std::move(errors));
  return file;
}

/// What is wrong with the line; empty: nothing.
std::string PskFile::take_line(std::size_t number, std::string_view line) {
  const std::size_t colon = line.find(':');
  if (line.starts_with('#') || colon == std::string_view::npos) return {};
  const std::string_view identity = trim(line.substr(0, colon));
  const std::string_view rest = line.substr(colon + 1);
  if (identity.empty()) return "an identity is expected before the colon";
  if (identity.size() > 65535 || !mqtt::is_valid_utf8(identity))
    return "the identity is not a text of MQTT";
  auto key = from_hex(trim(rest.substr(0, rest.find(':'))));
  if (!key) return "the key is not a row of hexadecimal digits";
  if (!keys_.emplace(std::string(identity), std::move(*key)).second) {
    warnings_.push_back({number, "the identity is given twice; the first one holds"});
  }
  return {};
}

std::optional<std::vector<std::uint8_t>> PskFile::key(std::string_view identity) const {
  const auto found = keys_.find(identity);
  if (found == keys_.end() || found->second.empty()) return std::nullopt;
  return found->second;
}

}  // namespace broker
