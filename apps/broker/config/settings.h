#pragma once

#include <tuple>

#include "config/config.h"

namespace broker {

/// What a row reads its value from: the whole configuration, and one object of each other section.
/// A row looks only at the object of its own section.
struct Settings {
  const Config& config;
  const ListenerConfig& listener;

  template <typename Object>
  const Object& of() const {
    return std::get<const Object&>(std::tie(config, listener));
  }
};

/// The same, to write to.
struct MutableSettings {
  Config& config;
  ListenerConfig& listener;

  template <typename Object>
  Object& of() const {
    return std::get<Object&>(std::tie(config, listener));
  }
};

}  // namespace broker
