#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "mqtt/protocol/packet.h"

struct jq_state;

namespace sub {

/// A jq expression, compiled once and applied to the payload of each message.
///
/// Its variables describe the message: $topic, $qos, $retain, $time (of arrival, in seconds since
/// 1970) and $properties (an object, with the names of -D). `debug` prints to standard error.
class JqFilter {
 public:
  /// The text form of results.
  struct Form {
    bool pretty = false;       ///< indented
    bool raw_strings = false;  ///< strings without their quotes
  };

  /// The error is jq's message about the expression.
  static tl::expected<JqFilter, std::string> compile(const std::string& expression);

  using Result = std::function<void(std::string_view)>;
  /// Calls back with each result for `message` with this `payload` (null if empty): none, one or
  /// several. The error says why there are no more.
  tl::expected<void, std::string> apply(const mqtt::Publish& message, std::string_view payload,
                                        Form form, const Result& on_result);

 private:
  struct Deleter {
    void operator()(jq_state* state) const;
  };
  using State = std::unique_ptr<jq_state, Deleter>;
  JqFilter(State state, bool has_variables)
      : state_(std::move(state)), has_variables_(has_variables) {}

  State state_;
  bool has_variables_;  ///< the input is an array: their values, and the payload
};

}  // namespace sub
