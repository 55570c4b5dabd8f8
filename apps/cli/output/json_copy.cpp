#include "cli/output/json_copy.h"

#include <nlohmann/json.hpp>

namespace cli {

namespace {

/// Passes the parser's events on to the writer. The parser keeps its own stack on the heap, so that
/// the depth of what a peer sends is bounded by its size only.
class Copier : public nlohmann::json_sax<nlohmann::json> {
 public:
  explicit Copier(JsonWriter& writer) : writer_(writer) {}

  bool null() override { return writer_.null(), true; }
  bool boolean(bool value) override { return writer_.boolean(value), true; }
  bool number_integer(number_integer_t value) override {
    return number(static_cast<double>(value));
  }
  bool number_unsigned(number_unsigned_t value) override {
    return number(static_cast<double>(value));
  }
  bool number_float(number_float_t value, const string_t& /*text*/) override {
    return number(value);
  }
  bool string(string_t& value) override { return writer_.string(value), true; }
  bool binary(binary_t& /*value*/) override { return false; }
  bool start_object(std::size_t /*size*/) override { return writer_.begin_object(), true; }
  bool key(string_t& value) override { return writer_.key(value), true; }
  bool end_object() override { return writer_.end_object(), true; }
  bool start_array(std::size_t /*size*/) override { return writer_.begin_array(), true; }
  bool end_array() override { return writer_.end_array(), true; }
  bool parse_error(std::size_t /*at*/, const std::string& /*token*/,
                   const nlohmann::detail::exception& /*error*/) override {
    return false;
  }

 private:
  bool number(double value) { return writer_.number(value), true; }

  JsonWriter& writer_;
};

}  // namespace

bool is_json(std::string_view text) {
  return nlohmann::json::accept(text);
}

bool copy_json(std::string_view text, JsonWriter& writer) {
  Copier copier(writer);
  return nlohmann::json::sax_parse(text, &copier);
}

}  // namespace cli
