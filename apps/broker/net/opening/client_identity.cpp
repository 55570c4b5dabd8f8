#include "net/opening/client_identity.h"

#include <openssl/rand.h>

#include <array>
#include <optional>

#include "mqtt/io/proxy_stream.h"
#include "mqtt/io/tls_stream.h"
#include "mqtt/protocol/utf8.h"

namespace broker {
namespace {

using mqtt::ReasonCode;
using By = VouchedIdentity::By;

/// 36 characters in groups of 8-4-4-4-12 hexadecimal digits, unpredictable: who knows another
/// client's identifier could take its session over.
std::string random_id(std::string_view prefix) {
  std::array<unsigned char, 16> random{};
  RAND_bytes(random.data(), static_cast<int>(random.size()));
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string id(prefix);
  for (std::size_t i = 0; i < random.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) id += '-';
    id += digits[random[i] >> 4];
    id += digits[random[i] & 0x0F];
  }
  return id;
}

/// The user name that a client has proved by its certificate or its key.
std::optional<std::string> tls_user_name(const mqtt::io::TlsStream& tls, const TlsConfig& rules) {
  std::optional<std::string> name;
  if (rules.psk_hint) {
    if (rules.identity_is_user_name) name = tls.psk_identity();
  } else if (const auto certificate = tls.peer_certificate()) {
    name = rules.identity_is_user_name ? certificate->common_name : certificate->subject;
  }
  return name;
}

/// The user name that a proxy vouches for. What it said is looked at under the rules of now, which
/// a reload may have changed since it was let in.
std::optional<std::string> proxy_user_name(const mqtt::io::ProxyStream& proxy) {
  const mqtt::io::ProxyHeader* const header = proxy.header();
  if (header == nullptr || !header->tls || !header->tls->certificate_verified) return std::nullopt;
  return header->tls->common_name;
}

}  // namespace

tl::expected<VouchedIdentity, Refusal> vouched_identity(const mqtt::io::Stream& stream,
                                                        const ListenerConfig& listener) {
  const TlsConfig& rules = listener.tls;
  if (!(rules.identity_is_user_name || rules.subject_is_user_name)) return VouchedIdentity{};
  By by = By::nobody;
  std::optional<std::string> name;
  if (const mqtt::io::TlsStream* tls = stream.tls()) {
    by = By::tls;
    name = tls_user_name(*tls, rules);
  } else if (const mqtt::io::ProxyStream* proxy = stream.proxy();
             proxy != nullptr && rules.require_certificate &&
             listener.proxy_protocol == ProxyProtocol::v2) {
    by = By::proxy;
    name = proxy_user_name(*proxy);
  } else {
    return VouchedIdentity{};
  }
  if (name && !name->empty() && mqtt::is_valid_utf8(*name)) return VouchedIdentity{by, *name};
  return tl::unexpected(
      Refusal{ReasonCode::bad_user_name_or_password, "no user name in the certificate or key"});
}

tl::expected<std::string, Refusal> choose_client_id(const mqtt::Connect& packet,
                                                    const VouchedIdentity& identity,
                                                    const Config& config,
                                                    const ListenerConfig& listener) {
  std::string id(packet.client_id);
  if (listener.use_username_as_clientid) {
    id = identity.by != By::nobody ? identity.user_name : packet.user_name.value_or("");
    if (id.empty()) {
      return tl::unexpected(Refusal{ReasonCode::not_authorized,
                                    "no user name, which would be the client identifier"});
    }
  } else if (id.empty()) {  // [MQTT-3.1.3-6]
    id = random_id(config.auto_id_prefix(listener));
  }
  if (id.starts_with(config.clientid_prefix)) return id;
  return tl::unexpected(
      Refusal{ReasonCode::not_authorized, "client identifier without one of clientid_prefixes"});
}

}  // namespace broker
