#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace mqtt {

/// Aliases that the peer defined (MQTT 5.0 section 3.3.2.3.4), for one connection [MQTT-3.3.2-7].
/// Owns nothing until the first alias is set.
class ReceivedTopicAliases {
 public:
  explicit ReceivedTopicAliases(std::uint16_t maximum = 0) : maximum_(maximum) {}

  /// Whether `alias` is within 1..maximum. [MQTT-3.3.2-8] [MQTT-3.3.2-9] [MQTT-3.3.2-10]
  /// [MQTT-3.3.2-12]
  bool in_range(std::uint32_t alias) const { return alias != 0 && alias <= maximum_; }
  /// Defines or re-defines. Requires `in_range(alias)`.
  void set(std::uint16_t alias, std::string_view topic);
  /// The topic; nullopt if the alias was never defined. Valid until the alias is re-defined.
  std::optional<std::string_view> find(std::uint16_t alias) const;

 private:
  std::uint16_t maximum_;
  std::vector<std::string> topics_;  ///< index alias - 1; empty: not defined
};

/// Aliases that this side defines towards the peer, for one connection: first come, first served,
/// never re-assigned, at most the maximum. [MQTT-3.1.2-26] [MQTT-3.1.2-27]
/// [MQTT-3.2.2-17] [MQTT-3.2.2-18] [MQTT-3.3.2-11] Owns nothing until the first alias is assigned.
class SentTopicAliases {
 public:
  /// `maximum`: the lower of what the peer accepts and what this side wants to use; 0 = none.
  explicit SentTopicAliases(std::uint16_t maximum = 0) : maximum_(maximum) {}
  std::uint16_t maximum() const { return maximum_; }

  struct Use {
    std::uint16_t alias = 0;  ///< 0: send the topic in full, without an alias
    bool defines = false;     ///< send topic and alias; otherwise an empty topic and the alias
  };
  /// How to send a PUBLISH on `topic`. A definition counts as sent: the caller must send it.
  Use use(std::string_view topic);

 private:
  /// Allows lookups by a view.
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view topic) const {
      return std::hash<std::string_view>{}(topic);
    }
  };
  using Aliases = std::unordered_map<std::string, std::uint16_t, Hash, std::equal_to<>>;

  std::uint16_t maximum_;
  /// Behind a pointer: most connections never use an alias, and an empty map is not small.
  std::unique_ptr<Aliases> aliases_;
};

}  // namespace mqtt
