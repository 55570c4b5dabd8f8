#include "cli/output/message_format.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <optional>
#include <utility>
#include <vector>

#include "cli/options/option_binding.h"
#include "cli/output/printable_text.h"
#include "mqtt/protocol/property.h"

namespace cli {

namespace {

using mqtt::PropertyId;

/// A field wider than this is a slip of the finger, not a wish.
constexpr std::size_t max_width = 1'000'000;

char pad_character(const FieldLayout& layout) {
  return layout.zero && !layout.left ? '0' : ' ';
}

void append_padded(std::string& out, std::string_view text, const FieldLayout& layout, char pad) {
  const std::size_t missing = layout.width > text.size() ? layout.width - text.size() : 0;
  if (!layout.left) out.append(missing, pad);
  out += text;
  if (layout.left) out.append(missing, ' ');
}

void append_integer(std::string& out, std::uint64_t number, const FieldLayout& layout) {
  const fmt::format_int digits(number);
  append_padded(out, {digits.data(), digits.size()}, layout, pad_character(layout));
}

/// A property that the message does not have leaves its place empty, but as wide as it was asked to
/// be. The zero flag counts here even together with '-'.
void append_integer(std::string& out, std::optional<std::uint32_t> number,
                    const FieldLayout& layout) {
  if (number) {
    append_integer(out, std::uint64_t{*number}, layout);
  } else {
    out.append(layout.width, layout.zero ? '0' : ' ');
  }
}

void append_string(std::string& out, std::string_view text, const FieldLayout& layout) {
  if (layout.has_precision) text = text.substr(0, layout.precision);
  append_padded(out, text, layout, ' ');
}

void append_raw_payload(std::string& out, std::string_view payload, const FieldLayout& layout) {
  if (layout.width != 0) payload = payload.substr(0, layout.width);
  append_padded(out, payload, layout, pad_character(layout));
}

/// `width` limits the payload to that many bytes and pads to that many digits; with a precision a
/// separator stands after every `precision` digits, padding included, except at the end.
void append_hex_payload(std::string& out, std::string_view payload, const FieldLayout& layout,
                        const char* digits) {
  if (layout.width != 0) payload = payload.substr(0, layout.width);
  const std::size_t begin = out.size();
  const std::size_t length = payload.size() * 2;
  const std::size_t missing = layout.width > length ? layout.width - length : 0;
  if (!layout.left) out.append(missing, pad_character(layout));
  for (const char c : payload) {
    const auto byte = static_cast<unsigned char>(c);
    out += digits[byte >> 4];
    out += digits[byte & 15];
  }
  if (layout.left) out.append(missing, ' ');
  if (!layout.has_precision || layout.precision == 0) return;

  const std::string run = out.substr(begin);
  out.resize(begin);
  for (std::size_t at = 0; at < run.size(); at += layout.precision) {
    if (at != 0) out += layout.separator;
    out.append(run, at, layout.precision);
  }
}

template <typename Float>
void append_float_payload(std::string& out, const PrintContext& context,
                          const FieldLayout& layout) {
  const mqtt::ByteView payload = context.message.payload;
  if (payload.size() != sizeof(Float)) {
    context.complaints += fmt::format(
        "the payload of \"{}\" has {} bytes, but {} are needed to print it as a number\n",
        context.message.topic, payload.size(), sizeof(Float));
    return;
  }
  Float number = 0;
  std::memcpy(&number, payload.data(), sizeof number);
  const auto precision =
      static_cast<int>(layout.has_precision ? std::min(layout.precision, max_width) : 6);
  const auto width = static_cast<int>(layout.width);
  const char* const format = layout.left ? "%-*.*f" : layout.zero ? "%0*.*f" : "%*.*f";
  const int length = std::snprintf(nullptr, 0, format, width, precision, double{number});
  const std::size_t begin = out.size();
  out.resize(begin + static_cast<std::size_t>(length) + 1);
  std::snprintf(out.data() + begin, static_cast<std::size_t>(length) + 1, format, width, precision,
                double{number});
  out.pop_back();
}

void append_user_properties(std::string& out, const mqtt::Properties& properties) {
  bool first = true;
  for (const mqtt::Property& property : properties) {
    if (property.id != PropertyId::user_property) continue;
    if (!first) out += ' ';
    first = false;
    out += property.text;
    out += ':';
    out += property.value;
  }
}

template <PropertyId id>
void print_number(std::string& out, const PrintContext& context, const FormatPiece& piece) {
  append_integer(out, context.message.properties.number(id), piece.layout);
}

template <PropertyId id>
void print_text(std::string& out, const PrintContext& context, const FormatPiece& piece) {
  append_string(out, context.message.properties.text(id).value_or(""), piece.layout);
}

void print_topic(std::string& out, const PrintContext& context, const FormatPiece& piece) {
  append_string(out, context.message.topic, piece.layout);
}

void print_qos(std::string& out, const PrintContext& context, const FormatPiece& /*piece*/) {
  out += static_cast<char>('0' + static_cast<int>(context.message.qos));
}

void print_retain(std::string& out, const PrintContext& context, const FormatPiece& /*piece*/) {
  out += context.message.retain ? '1' : '0';
}

void print_packet_id(std::string& out, const PrintContext& context, const FormatPiece& piece) {
  append_integer(out, std::uint64_t{context.message.packet_id}, piece.layout);
}

void print_payload_length(std::string& out, const PrintContext& context, const FormatPiece& piece) {
  append_integer(out, std::uint64_t{context.message.payload.size()}, piece.layout);
}

void print_payload(std::string& out, const PrintContext& context, const FormatPiece& piece) {
  append_raw_payload(out, mqtt::as_text(context.message.payload), piece.layout);
}

void print_lower_hex(std::string& out, const PrintContext& context, const FormatPiece& piece) {
  append_hex_payload(out, mqtt::as_text(context.message.payload), piece.layout, "0123456789abcdef");
}

void print_upper_hex(std::string& out, const PrintContext& context, const FormatPiece& piece) {
  append_hex_payload(out, mqtt::as_text(context.message.payload), piece.layout, "0123456789ABCDEF");
}

template <typename Float>
void print_float(std::string& out, const PrintContext& context, const FormatPiece& piece) {
  append_float_payload<Float>(out, context, piece.layout);
}

void print_correlation_data(std::string& out, const PrintContext& context,
                            const FormatPiece& /*piece*/) {
  out += context.message.properties.text(PropertyId::correlation_data).value_or("");
}

void print_user_properties(std::string& out, const PrintContext& context,
                           const FormatPiece& /*piece*/) {
  append_user_properties(out, context.message.properties);
}

template <bool parse>
void print_json(std::string& out, const PrintContext& context, const FormatPiece& /*piece*/) {
  if (append_message_json(out, context, parse)) return;
  context.complaints += fmt::format("the payload of \"{}\" is not JSON\n", context.message.topic);
}

void print_strftime(std::string& out, const PrintContext& context, const FormatPiece& piece) {
  context.time.append(out, piece.text.c_str());
}

/// The second's fraction, cut to `digits` digits.
void append_fraction(std::string& out, long nanoseconds, int digits) {
  constexpr int all_digits = 9;
  for (int cut = all_digits; cut > digits; --cut) nanoseconds /= 10;
  LocalTime::append_digits(out, nanoseconds, digits);
}

void print_fraction(std::string& out, const PrintContext& context, const FormatPiece& piece) {
  append_fraction(out, context.time.moment().tv_nsec, static_cast<int>(piece.layout.precision));
}

/// Whether strftime makes something of this letter: one that it does not know it leaves as it is.
bool is_time_conversion(char letter) {
  const std::array<char, 3> format{'%', letter, '\0'};
  std::array<char, 256> text{};
  const std::tm moment{};
  std::strftime(text.data(), text.size(), format.data(), &moment);
  return std::string_view(text.data()) != std::string_view(format.data());
}

void print_iso_time(std::string& out, const PrintContext& context, const FormatPiece& piece) {
  std::string text;
  context.time.append(text, "%FT%T%z");
  append_string(out, text, piece.layout);
}

void print_unix_time(std::string& out, const PrintContext& context, const FormatPiece& /*piece*/) {
  const fmt::format_int seconds(static_cast<std::int64_t>(context.time.moment().tv_sec));
  out.append(seconds.data(), seconds.size());
  out += '.';
  append_fraction(out, context.time.moment().tv_nsec, 9);
}

/// One row for each letter after '%'; "%%" is not an escape but literal text.
struct Escape {
  char letter;
  FormatPiece::Print* print;
};

constexpr std::array escapes{
    Escape{'A', print_number<PropertyId::topic_alias>},
    Escape{'C', print_text<PropertyId::content_type>},
    Escape{'D', print_correlation_data},
    Escape{'E', print_number<PropertyId::message_expiry_interval>},
    Escape{'F', print_number<PropertyId::payload_format_indicator>},
    Escape{'I', print_iso_time},
    Escape{'J', print_json<true>},
    Escape{'P', print_user_properties},
    Escape{'R', print_text<PropertyId::response_topic>},
    Escape{'S', print_number<PropertyId::subscription_identifier>},
    Escape{'U', print_unix_time},
    Escape{'X', print_upper_hex},
    Escape{'d', print_float<double>},
    Escape{'f', print_float<float>},
    Escape{'j', print_json<false>},
    Escape{'l', print_payload_length},
    Escape{'m', print_packet_id},
    Escape{'p', print_payload},
    Escape{'q', print_qos},
    Escape{'r', print_retain},
    Escape{'t', print_topic},
    Escape{'x', print_lower_hex},
};

constexpr std::array<std::pair<char, char>, 8> backslash_escapes{{
    {'\\', '\\'},
    {'0', '\0'},
    {'a', '\a'},
    {'e', '\x1B'},
    {'n', '\n'},
    {'r', '\r'},
    {'t', '\t'},
    {'v', '\v'},
}};

constexpr std::string_view separators = "!\"#$&'()*+,-./:;<=>?@[\\]^_`{|}~ ";

/// Reads a format string from left to right.
class FormatCompiler {
 public:
  explicit FormatCompiler(std::string_view text) : text_(text) {}

  tl::expected<std::vector<FormatPiece>, std::string> compile() {
    while (at_ < text_.size()) {
      const char c = text_[at_++];
      const Verdict verdict = c == '%'    ? read_percent()
                              : c == '@'  ? read_at()
                              : c == '\\' ? read_backslash()
                                          : literal(c);
      if (!verdict) return tl::unexpected(verdict.error());
    }
    return std::move(pieces_);
  }

 private:
  bool at_end() const { return at_ == text_.size(); }
  bool next_is(char c) const { return !at_end() && text_[at_] == c; }
  bool take(char c) {
    if (!next_is(c)) return false;
    ++at_;
    return true;
  }
  bool next_is_digit() const { return !at_end() && text_[at_] >= '0' && text_[at_] <= '9'; }

  Verdict incomplete() const {
    return tl::unexpected(fmt::format("\"{}\" ends in the middle of an escape", text_));
  }

  Verdict literal(char c) {
    if (pieces_.empty() || pieces_.back().print != nullptr) {
      pieces_.emplace_back();
    }
    pieces_.back().text += c;
    return {};
  }

  Verdict read_number(std::size_t& number) {
    while (next_is_digit()) {
      number = number * 10 + static_cast<std::size_t>(text_[at_++] - '0');
      if (number > max_width) {
        return tl::unexpected(fmt::format("a width or precision is above {}", max_width));
      }
    }
    return {};
  }

  Verdict read_layout(FieldLayout& layout) {
    layout.left = take('-');
    layout.zero = take('0');
    if (const Verdict width = read_number(layout.width); !width) return width;
    if (take('.')) {
      layout.has_precision = true;
      if (const Verdict precision = read_number(layout.precision); !precision) return precision;
    }
    if (!at_end() && separators.find(text_[at_]) != std::string_view::npos) {
      layout.separator = text_[at_++];
    }
    return {};
  }

  Verdict read_percent() {
    FormatPiece piece;
    if (const Verdict layout = read_layout(piece.layout); !layout) return layout;
    if (at_end()) return incomplete();
    const char letter = text_[at_++];
    if (letter == '%') return literal('%');
    const auto* const escape = std::ranges::find(escapes, letter, &Escape::letter);
    if (escape == escapes.end())
      return tl::unexpected(fmt::format("'%{}' is not an escape", letter));
    piece.print = escape->print;
    pieces_.push_back(std::move(piece));
    return {};
  }

  /// Of the second, with so many digits.
  Verdict fraction(std::size_t digits) {
    FormatPiece piece;
    piece.print = print_fraction;
    piece.layout.precision = digits;
    pieces_.push_back(std::move(piece));
    return {};
  }

  Verdict read_at() {
    if (at_end()) return incomplete();
    const char letter = text_[at_++];
    if (letter == '@') return literal('@');
    if (letter == 'N') return fraction(9);
    if (letter >= '1' && letter <= '9') {
      if (take('N')) return fraction(static_cast<std::size_t>(letter - '0'));
      return tl::unexpected(
          fmt::format("'@{}' is not an escape (@3N are milliseconds, @6N microseconds)", letter));
    }
    if (!is_time_conversion(letter)) {
      return tl::unexpected(fmt::format(
          "'@{}' is not an escape: strftime knows no such letter (@@ is an at sign)", letter));
    }
    FormatPiece piece;
    piece.print = print_strftime;
    piece.text = {'%', letter};
    pieces_.push_back(std::move(piece));
    return {};
  }

  Verdict read_backslash() {
    if (at_end()) return incomplete();
    const char letter = text_[at_++];
    const auto* const escape =
        std::ranges::find(backslash_escapes, letter, &std::pair<char, char>::first);
    if (escape == backslash_escapes.end()) {
      return tl::unexpected(fmt::format("'\\{}' is not an escape", letter));
    }
    return literal(escape->second);
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::vector<FormatPiece> pieces_;
};

}  // namespace

tl::expected<MessageFormat, std::string> MessageFormat::compile(std::string_view text) {
  return FormatCompiler(text).compile().map([](std::vector<FormatPiece>&& pieces) {
    MessageFormat format;
    format.pieces_ = std::move(pieces);
    return format;
  });
}

void MessageFormat::print(std::string& out, const PrintContext& context) const {
  for (const FormatPiece& piece : pieces_) {
    if (piece.print == nullptr) {
      out += piece.text;
    } else {
      const std::size_t begin = out.size();
      piece.print(out, context, piece);
      if (context.is_safe) escape_controls(out, begin);
    }
  }
}

}  // namespace cli
