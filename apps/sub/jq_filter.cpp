#include "sub/jq_filter.h"

#include <cstdio>
#include <ctime>
#include <utility>

#include "mqtt/protocol/property.h"

extern "C" {
#include <jq.h>
}

namespace sub {

namespace {

/// Every function of libjq takes the values that it is given, and gives away what it returns; this
/// holds one in between.
class Value {
 public:
  explicit Value(jv value) : value_(value) {}
  Value(const Value&) = delete;
  Value& operator=(const Value&) = delete;
  ~Value() { jv_free(value_); }

  bool is_valid() const { return jv_is_valid(value_) != 0; }
  jv_kind kind() const { return jv_get_kind(value_); }
  jv copy() const { return jv_copy(value_); }
  /// Of a string.
  std::string_view text() const {
    return {jv_string_value(value_), static_cast<std::size_t>(jv_string_length_bytes(copy()))};
  }

 private:
  jv value_;
};

jv to_string(std::string_view text) {
  return jv_string_sized(text.data(), static_cast<int>(text.size()));
}

/// The words of an error, which need not be a string.
std::string error_text(jv error) {
  const Value message(error);
  if (message.kind() == JV_KIND_STRING) return std::string(message.text());
  const Value dumped(jv_dump_string(message.copy(), 0));
  return std::string(dumped.text());
}

void gather_message(void* messages, jv message) {
  const Value value(message);
  if (value.kind() != JV_KIND_STRING) return;
  auto& gathered = *static_cast<std::string*>(messages);
  if (!gathered.empty()) gathered += '\n';
  gathered += value.text();
}

void print_debug_message(void* /*data*/, jv message) {
  const Value dumped(jv_dump_string(JV_ARRAY(jv_string("DEBUG:"), message), 0));
  std::fprintf(stderr, "%.*s\n", static_cast<int>(dumped.text().size()), dumped.text().data());
}

jv names_without_values() {
  jv names = jv_object();
  for (const char* const name : {"topic", "qos", "retain", "time", "properties"}) {
    names = jv_object_set(names, jv_string(name), jv_null());
  }
  return names;
}

jv user_properties(const mqtt::Properties& properties) {
  jv array = jv_array();
  for (const mqtt::Property& property : properties) {
    if (property.id != mqtt::PropertyId::user_property) continue;
    array = jv_array_append(
        array, jv_object_set(jv_object(), to_string(property.text), to_string(property.value)));
  }
  return array;
}

/// As in the object of %j.
jv to_object(const mqtt::Properties& properties) {
  jv object = jv_object();
  for (const mqtt::Property& property : properties) {
    const mqtt::PropertyRule& rule = *mqtt::property_rule(static_cast<std::uint32_t>(property.id));
    switch (rule.type) {
      case mqtt::PropertyType::utf8_string_pair:
        object = jv_object_set(object, jv_string("user-properties"), user_properties(properties));
        break;
      case mqtt::PropertyType::utf8_string:
      case mqtt::PropertyType::binary_data:
        object = jv_object_set(object, to_string(rule.name), to_string(property.text));
        break;
      default:
        object = jv_object_set(object, to_string(rule.name), jv_number(property.number));
    }
  }
  return object;
}

double unix_time() {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

jv with_variables(const mqtt::Publish& message, jv payload) {
  jv array = JV_ARRAY(to_string(message.topic), jv_number(static_cast<double>(message.qos)));
  array = jv_array_append(array, jv_bool(message.retain ? 1 : 0));
  array = jv_array_append(array, jv_number(unix_time()));
  array = jv_array_append(array, to_object(message.properties));
  return jv_array_append(array, payload);
}

/// Takes the array apart into the variables. Nothing binds less than a pipe: the expression behind
/// it stays one.
std::string with_prologue(const std::string& expression) {
  return ". as [$topic, $qos, $retain, $time, $properties, $__payload] | $__payload |\n" +
         expression;
}

jv to_json(std::string_view payload) {
  if (payload.empty()) return jv_null();
  return jv_parse_sized(payload.data(), static_cast<int>(payload.size()));
}

}  // namespace

void JqFilter::Deleter::operator()(jq_state* state) const {
  jq_teardown(&state);
}

tl::expected<JqFilter, std::string> JqFilter::compile(const std::string& expression) {
  State state(jq_init());
  if (!state) return tl::unexpected(std::string("jq cannot be started"));
  std::string messages;
  jq_set_error_cb(state.get(), gather_message, &messages);
  jq_set_debug_cb(state.get(), print_debug_message, nullptr);
  const bool has_variables = expression.find('$') != std::string::npos;
  const std::string program = has_variables ? with_prologue(expression) : expression;
  if (jq_compile(state.get(), program.c_str()) == 0) {
    // Once more as it is, for messages that speak of the words of the user only.
    std::string wrapped_messages = std::exchange(messages, {});
    jq_compile_args(state.get(), expression.c_str(), names_without_values());
    return tl::unexpected(messages.empty() ? std::move(wrapped_messages) : std::move(messages));
  }
  jq_set_error_cb(state.get(), nullptr, nullptr);
  return JqFilter(std::move(state), has_variables);
}

tl::expected<void, std::string> JqFilter::apply(const mqtt::Publish& message,
                                                std::string_view payload, Form form,
                                                const Result& on_result) {
  jv input = to_json(payload);
  if (jv_is_valid(input) == 0)
    return tl::unexpected("not JSON: " + error_text(jv_invalid_get_msg(input)));
  jq_start(state_.get(), has_variables_ ? with_variables(message, input) : input, 0);
  const int flags = form.pretty ? JV_PRINT_PRETTY | JV_PRINT_TAB : 0;
  for (;;) {
    const Value result(jq_next(state_.get()));
    if (!result.is_valid()) {
      if (jq_halted(state_.get()) != 0) {
        jv error = jq_get_error_message(state_.get());
        if (jv_is_valid(error) == 0) return jv_free(error), tl::expected<void, std::string>();
        return tl::unexpected(error_text(error));
      }
      if (jv_invalid_has_msg(result.copy()) == 0) return {};
      return tl::unexpected(error_text(jv_invalid_get_msg(result.copy())));
    }
    if (form.raw_strings && result.kind() == JV_KIND_STRING) {
      on_result(result.text());
    } else {
      const Value text(jv_dump_string(result.copy(), flags));
      on_result(text.text());
    }
  }
}

}  // namespace sub
