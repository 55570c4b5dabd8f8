#include "config/directive.h"

#include <fmt/format.h>

namespace broker {
namespace {

std::string integer_range(const Bounds& bounds) {
  const std::string range = fmt::format("a whole number from {} to {}", bounds.least, bounds.most);
  return bounds.negative_is_zero ? range + "; a negative one counts as 0" : range;
}

/// "a b c" as "a, b or c".
std::string alternatives(std::string_view words) {
  std::string text;
  while (!words.empty()) {
    const std::size_t end = words.find(' ');
    const bool last = end == std::string_view::npos;
    if (!text.empty()) text += last ? " or " : ", ";
    text += words.substr(0, end);
    words = last ? std::string_view() : words.substr(end + 1);
  }
  return text;
}

}  // namespace

bool ConfigDraft::select_default_listener() {
  const bool create = !default_listener.has_value();
  if (create) {
    default_listener = config.listeners.size();
    config.listeners.emplace_back();
  }
  current_listener = default_listener;
  return create;
}

std::string accepted_values(const Directive& directive) {
  if (!directive.accepts.empty()) return std::string(directive.accepts);
  switch (directive.type) {
    case ValueType::boolean:
      return "true, false, 1 or 0";
    case ValueType::integer:
      return integer_range(directive.bounds);
    case ValueType::string:
      return "text of 1 to 65535 bytes of UTF-8 without control characters";
    case ValueType::choice:
      return alternatives(directive.choices);
    case ValueType::list:
      return "a list of words";
    case ValueType::lifetime:
      return "a number from 1 followed by s, h, d, w, m or y";
    case ValueType::endpoint:
      return "a port from 1 to 65535, then an address or host name if not all addresses are meant; "
             "or 0 and the path of a Unix socket";
    case ValueType::directory:
      return "a directory";
  }
  return {};
}

std::string default_text(const Directive& directive) {
  return directive.text == nullptr ? std::string()
                                   : directive.text(directive, Config{}, ListenerConfig{});
}

std::string_view to_text(Scope scope) {
  switch (scope) {
    case Scope::global:
    case Scope::security:
      return "broker";
    case Scope::listener:
    case Scope::listener_or_default:
    case Scope::named_listener:
      return "listener";
    case Scope::bridge:
      return "bridge";
    case Scope::plugin:
      return "plugin";
  }
  return {};
}

std::string_view to_text(ValueType type) {
  switch (type) {
    case ValueType::boolean:
      return "boolean";
    case ValueType::integer:
      return "integer";
    case ValueType::string:
      return "string";
    case ValueType::choice:
      return "choice";
    case ValueType::list:
      return "list";
    case ValueType::lifetime:
      return "lifetime";
    case ValueType::endpoint:
      return "endpoint";
    case ValueType::directory:
      return "directory";
  }
  return {};
}

std::string_view to_text(ReloadEffect effect) {
  switch (effect) {
    case ReloadEffect::applied:
      return "applied";
    case ReloadEffect::new_connections:
      return "new connections";
    case ReloadEffect::reopens:
      return "reopens the listener";
    case ReloadEffect::restart:
      return "restart";
  }
  return {};
}

}  // namespace broker
