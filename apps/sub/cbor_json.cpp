#include "sub/cbor_json.h"

#include <cbor.h>
#include <fmt/format.h>

#include <cmath>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "cli/output/json_writer.h"
#include "cli/output/printable_text.h"
#include "mqtt/credentials/base64.h"
#include "sub/payload_decoding.h"

namespace sub {

namespace {

/// Puts together what libcbor finds, item after item, without going down into itself.
class JsonBuilder {
 public:
  bool is_done() const { return done_; }
  const std::string& error() const { return error_; }
  std::string take() { return std::move(text_); }

  void integer(std::uint64_t value) {
    scalar(fmt::to_string(value), [&] { writer_.integer(value); });
  }
  /// -1 - `value`, which may be below every number of 64 bits.
  void negative(std::uint64_t value) {
    constexpr std::uint64_t lowest = INT64_MAX;
    if (value > lowest) return number(-1.0 - static_cast<double>(value));
    const std::int64_t negated = -1 - static_cast<std::int64_t>(value);
    scalar(fmt::to_string(negated), [&] { writer_.signed_integer(negated); });
  }
  void number(double value) {
    if (!std::isfinite(value)) return null();
    scalar(fmt::to_string(value), [&] { writer_.number(value); });
  }
  void boolean(bool value) {
    scalar(value ? "true" : "false", [&] { writer_.boolean(value); });
  }
  void null() {
    scalar("null", [&] { writer_.null(); });
  }

  void text(std::string_view value) { string(Kind::text, value); }
  void bytes(std::string_view value) { string(Kind::bytes, value); }
  void begin_text() { open({Kind::text}); }
  void begin_bytes() { open({Kind::bytes}); }

  void begin_array(std::optional<std::uint64_t> size) { open({Kind::array, size}); }
  void begin_map(std::optional<std::uint64_t> size) {
    // Keys and values are counted one by one.
    if (size > UINT64_MAX / 2) return fail("a map has too many members");
    open({Kind::map, size ? std::optional(*size * 2) : std::nullopt});
  }
  void end_indefinite() {
    if (levels_.empty() || levels_.back().left) return fail("a break where nothing is open");
    if (levels_.back().kind == Kind::map && levels_.back().is_value) {
      return fail("a key without a value");
    }
    close();
  }
  void fail(std::string reason) {
    if (error_.empty()) error_ = std::move(reason);
  }

 private:
  enum class Kind : std::uint8_t { array, map, text, bytes };
  struct Level {
    Kind kind;
    std::optional<std::uint64_t> left = std::nullopt;  ///< items; none: until a break
    bool is_value = false;                             ///< of a map: the next item has its key
    std::string chunks = {};                           ///< of a string
  };

  bool in_string() const {
    return !levels_.empty() &&
           (levels_.back().kind == Kind::text || levels_.back().kind == Kind::bytes);
  }
  bool is_key() const {
    return !levels_.empty() && levels_.back().kind == Kind::map && !levels_.back().is_value;
  }

  template <typename Write>
  void scalar(const std::string& as_key, Write write) {
    if (in_string()) return fail("something else within a string");
    if (is_key()) {
      writer_.key(as_key);
    } else {
      write();
    }
    item_is_over();
  }

  void string(Kind kind, std::string_view value) {
    if (in_string()) {
      if (levels_.back().kind != kind) return fail("something else within a string");
      levels_.back().chunks += value;
      return;
    }
    if (kind == Kind::text && !cli::is_utf8(value)) return fail("a text that is not UTF-8");
    const std::string json =
        kind == Kind::text ? std::string(value)
                           : mqtt::to_base64(mqtt::as_bytes(value), mqtt::Base64Padding::padded);
    scalar(json, [&] { writer_.string(json); });
  }

  void open(Level level) {
    if (in_string()) return fail("something else within a string");
    const bool is_container = level.kind == Kind::array || level.kind == Kind::map;
    if (is_container && is_key()) return fail("a key that is an array or a map");
    if (levels_.size() == most_nested) return fail("it is nested too deeply");
    if (level.kind == Kind::array) writer_.begin_array();
    if (level.kind == Kind::map) writer_.begin_object();
    levels_.push_back(std::move(level));
    if (levels_.back().left == 0) close();
  }

  void close() {
    const Level level = std::move(levels_.back());
    levels_.pop_back();
    if (level.kind == Kind::text || level.kind == Kind::bytes) {
      return string(level.kind, level.chunks);
    }
    if (level.kind == Kind::array) writer_.end_array();
    if (level.kind == Kind::map) writer_.end_object();
    item_is_over();
  }

  void item_is_over() {
    if (levels_.empty()) {
      done_ = true;
      return;
    }
    Level& level = levels_.back();
    if (level.kind == Kind::map) level.is_value = !level.is_value;
    if (level.left && --*level.left == 0) close();
  }

  std::string text_;
  cli::JsonWriter writer_{text_, cli::JsonWriter::Style::compact};
  std::vector<Level> levels_;
  bool done_ = false;
  std::string error_;
};

JsonBuilder& builder(void* context) {
  return *static_cast<JsonBuilder*>(context);
}

std::string_view view(cbor_data data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

template <typename Number>
void on_integer(void* context, Number value) {
  builder(context).integer(value);
}

template <typename Number>
void on_negative(void* context, Number value) {
  builder(context).negative(value);
}

cbor_callbacks make_callbacks() {
  cbor_callbacks to = cbor_empty_callbacks;
  to.uint8 = on_integer<std::uint8_t>;
  to.uint16 = on_integer<std::uint16_t>;
  to.uint32 = on_integer<std::uint32_t>;
  to.uint64 = on_integer<std::uint64_t>;
  to.negint8 = on_negative<std::uint8_t>;
  to.negint16 = on_negative<std::uint16_t>;
  to.negint32 = on_negative<std::uint32_t>;
  to.negint64 = on_negative<std::uint64_t>;
  to.float2 = [](void* context, float value) { builder(context).number(double{value}); };
  to.float4 = to.float2;
  to.float8 = [](void* context, double value) { builder(context).number(value); };
  to.boolean = [](void* context, bool value) { builder(context).boolean(value); };
  to.null = [](void* context) { builder(context).null(); };
  to.undefined = to.null;
  to.string = [](void* context, cbor_data data, std::size_t size) {
    builder(context).text(view(data, size));
  };
  to.byte_string = [](void* context, cbor_data data, std::size_t size) {
    builder(context).bytes(view(data, size));
  };
  to.string_start = [](void* context) { builder(context).begin_text(); };
  to.byte_string_start = [](void* context) { builder(context).begin_bytes(); };
  to.array_start = [](void* context, std::size_t size) { builder(context).begin_array(size); };
  to.indef_array_start = [](void* context) { builder(context).begin_array(std::nullopt); };
  to.map_start = [](void* context, std::size_t size) { builder(context).begin_map(size); };
  to.indef_map_start = [](void* context) { builder(context).begin_map(std::nullopt); };
  to.indef_break = [](void* context) { builder(context).end_indefinite(); };
  return to;
}

}  // namespace

tl::expected<std::string, std::string> cbor_to_json(std::string_view bytes) {
  static const cbor_callbacks callbacks = make_callbacks();
  JsonBuilder json;
  std::size_t at = 0;
  const auto wrong = [&at](std::string_view what) {
    return tl::unexpected(fmt::format("not CBOR: {} at byte {}", what, at));
  };
  while (!json.is_done()) {
    const mqtt::ByteView rest = mqtt::as_bytes(bytes.substr(at));
    const cbor_decoder_result step =
        cbor_stream_decode(rest.data(), rest.size(), &callbacks, &json);
    if (step.status == CBOR_DECODER_NEDATA) return wrong("it ends in the middle of something");
    if (step.status != CBOR_DECODER_FINISHED) return wrong("something that makes no sense");
    if (!json.error().empty()) return wrong(json.error());
    at += step.read;
  }
  if (at < bytes.size()) return wrong("more than one item");
  return json.take();
}

}  // namespace sub
