#include "probe/announcements.h"

#include <fmt/format.h>

#include <string>

#include "mqtt/protocol/property.h"

namespace probe {

namespace {

using mqtt::PropertyId;

class Reader {
 public:
  explicit Reader(mqtt::Properties properties) : properties_(properties) {}

  void available(std::string name, std::string label, PropertyId id) {
    const bool is_available = properties_.number(id).value_or(1) == 1;
    add(std::move(name), std::move(label), is_available ? "yes" : "no");
  }
  void number(std::string name, std::string label, PropertyId id, std::uint32_t otherwise) {
    add(std::move(name), std::move(label),
        std::to_string(properties_.number(id).value_or(otherwise)), true);
  }
  /// A number, or the word for the broker having named none.
  void number(std::string name, std::string label, PropertyId id, std::string otherwise) {
    const auto value = properties_.number(id);
    add(std::move(name), std::move(label), value ? std::to_string(*value) : std::move(otherwise),
        value.has_value(), !value);
  }
  void text(std::string name, std::string label, PropertyId id, std::string otherwise) {
    const auto value = properties_.text(id);
    add(std::move(name), std::move(label), value ? std::string(*value) : std::move(otherwise),
        false, !value);
  }
  void text_if_there(std::string name, std::string label, PropertyId id) {
    if (properties_.contains(id)) text(std::move(name), std::move(label), id, "");
  }
  void session_expiry() {
    constexpr std::uint32_t never = 0xFFFFFFFF;
    const std::uint32_t granted =
        properties_.number(PropertyId::session_expiry_interval).value_or(never);
    add("session-expiry-interval", "Longest session, seconds",
        granted == never ? "unlimited" : std::to_string(granted), granted != never,
        granted == never);
  }
  void user_properties() {
    for (auto it = properties_.begin(); it != mqtt::Properties::end(); ++it) {
      if (it->id != PropertyId::user_property) continue;
      add(fmt::format("user-property {}", it->text), fmt::format("User property {}", it->text),
          std::string(it->value));
    }
  }
  std::vector<Finding> take() { return std::move(findings_); }

 private:
  void add(std::string name, std::string label, std::string value, bool is_number = false,
           bool is_absent = false) {
    findings_.push_back(
        {std::move(name), std::move(label), std::move(value), is_number, is_absent});
  }

  mqtt::Properties properties_;
  std::vector<Finding> findings_;
};

}  // namespace

std::vector<Finding> announcements(const mqtt::Connack& connack) {
  Reader reader(connack.properties);
  reader.number("maximum-qos", "Maximum QoS", PropertyId::maximum_qos, 2U);
  reader.available("retain", "Retained messages", PropertyId::retain_available);
  reader.available("wildcard-subscriptions", "Wildcard subscriptions",
                   PropertyId::wildcard_subscription_available);
  reader.available("shared-subscriptions", "Shared subscriptions",
                   PropertyId::shared_subscription_available);
  reader.available("subscription-identifiers", "Subscription identifiers",
                   PropertyId::subscription_identifier_available);
  reader.number("receive-maximum", "Receive maximum", PropertyId::receive_maximum, 65'535U);
  reader.number("maximum-packet-size", "Maximum packet size", PropertyId::maximum_packet_size,
                "no limit");
  reader.number("topic-alias-maximum", "Topic aliases", PropertyId::topic_alias_maximum, 0U);
  reader.number("server-keep-alive", "Keep alive, seconds", PropertyId::server_keep_alive,
                "as asked for");
  reader.session_expiry();
  reader.text("assigned-client-identifier", "Assigned identifier",
              PropertyId::assigned_client_identifier, "none");
  reader.text("response-information", "Response information", PropertyId::response_information,
              "none");
  reader.text_if_there("authentication-method", "Authentication method",
                       PropertyId::authentication_method);
  reader.text_if_there("server-reference", "Server reference", PropertyId::server_reference);
  reader.text_if_there("reason-string", "Reason string", PropertyId::reason_string);
  reader.user_properties();
  return reader.take();
}

}  // namespace probe
