#include "support/random_config.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <set>
#include <stdexcept>
#include <vector>

#include "config/directive_table.h"
#include "mqtt/credentials/password_hash.h"
#include "support/certificates.h"

namespace test {
namespace {

using broker::Directive;
using broker::Scope;
using broker::ValueType;

std::vector<std::string> words(std::string_view text) {
  std::vector<std::string> result;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find(' ', begin), text.size());
    result.emplace_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return result;
}

bool is_any(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::ranges::find(names, name) != names.end();
}

}  // namespace

struct RandomConfig::Kind {
  bool unix_socket = false;
  bool certificate = false;
  bool proxy_v2 = false;
  bool psk = false;
  std::string host;
  std::string domain;  ///< "", "ipv4" or "ipv6"
};

RandomConfig::RandomConfig(const ScratchFolder& folder) : folder_(folder) {
  mqtt::test::Authority authority;
  const auto identity = authority.issue("CN=localhost");
  folder.file("server.pem", identity.certificate);
  folder.file("server.key", identity.key);
  folder.file("ca.pem", authority.certificate());
  folder.file("revoked.pem", authority.revoke(identity.certificate));
  folder.file("keys", "one:0011\n");
  folder.file("rules", "topic readwrite #\nuser bob\ntopic read a/+\n");
  const auto hash = mqtt::PasswordHash::create(mqtt::as_bytes("secret"),
                                               {mqtt::HashScheme::pbkdf2_sha512, 10, 64, 1, 1});
  folder.file("passwords", "bob:" + hash->text() + "\n");
}

std::string RandomConfig::path(const char* name) const {
  return (folder_.path() / name).string();
}

std::string RandomConfig::text(std::uint64_t seed) {
  random_.seed(seed);
  text_.clear();
  sockets_ = 0;
  const bool per_listener_settings = with_chance(30);
  if (per_listener_settings) text_ += "per_listener_settings true\n";
  write_globals(per_listener_settings);
  if (with_chance(15)) {
    text_ += fmt::format("port {}\nbind_address 127.0.0.1\n", 1 + below(65535));
  }
  const unsigned listeners = below(4);  // none: local-only mode, if that was not written
  for (unsigned i = 0; i < listeners; ++i) write_listener(per_listener_settings);
  return text_;
}

void RandomConfig::write(const Directive& row, const std::string& value) {
  text_ += fmt::format("{} {}\n", row.name, value);
}

void RandomConfig::write_globals(bool per_listener_settings) {
  std::set<std::string_view> written;
  for (const Directive& row : broker::directive_table()) {
    const bool is_global =
        row.scope == Scope::global || (row.scope == Scope::security && !per_listener_settings);
    const bool is_elsewhere = is_any(row.name, {"listener", "port", "bind_address", "include_dir",
                                                "per_listener_settings", "pid_file", "user"});
    if (row.support != broker::Support::supported || !is_global || is_elsewhere) continue;
    const std::string_view key = row.spelling_of.empty() ? row.name : row.spelling_of;
    if (!with_chance(25) || !written.insert(key).second) continue;
    write(row, value_of(row, nullptr));
  }
}

void RandomConfig::write_listener(bool per_listener_settings) {
  Kind kind;
  kind.unix_socket = with_chance(15);
  if (kind.unix_socket) {
    text_ += fmt::format("listener 0 {}{}\n", path("socket"), ++sockets_);
  } else {
    kind.domain = one_of({"", "", "ipv4"});
    kind.host = one_of({"", "127.0.0.1", "127.1", "localhost"});
    text_ += fmt::format("listener {} {}\n", 1 + below(65535), kind.host);
    if (!kind.domain.empty()) text_ += "socket_domain " + kind.domain + "\n";
  }
  kind.certificate = with_chance(20);
  kind.psk = !kind.certificate && with_chance(10);
  kind.proxy_v2 = !kind.certificate && !kind.psk && with_chance(10);
  if (kind.proxy_v2) text_ += "enable_proxy_protocol 2\n";
  if (kind.certificate) {
    text_ += fmt::format("certfile {}\nkeyfile {}\n", path("server.pem"), path("server.key"));
    if (with_chance(50)) text_ += "cafile " + path("ca.pem") + "\n";
  }
  if (kind.psk) text_ += "psk_hint a hint\n";
  std::set<std::string_view> written;
  for (const Directive& row : broker::directive_table()) {
    const bool is_of_listener = broker::section_of(row.scope) == broker::Section::listener ||
                                (row.scope == Scope::security && per_listener_settings);
    if (row.support != broker::Support::supported || !is_of_listener || !fits(row, kind)) continue;
    const std::string_view key = row.spelling_of.empty() ? row.name : row.spelling_of;
    if (!with_chance(25) || !written.insert(key).second) continue;
    write(row, value_of(row, &kind));
  }
}

/// Whether the key may stand below the listener, and has not been written with it.
bool RandomConfig::fits(const Directive& row, const Kind& kind) const {
  if (is_any(row.name, {"certfile", "keyfile", "cafile", "psk_hint", "socket_domain"}))
    return false;
  if (is_any(row.name, {"capath", "crlfile", "require_certificate"})) return kind.certificate;
  if (row.name == "enable_proxy_protocol") return !kind.proxy_v2;
  if (row.name == "use_subject_as_username") return !kind.proxy_v2;
  if (row.name == "bind_interface") return !kind.unix_socket && kind.host != "localhost";
  return true;
}

std::string RandomConfig::value_of(const Directive& row, const Kind*) {
  const std::string_view name = row.name;
  if (name == "memory_limit") return one_of({"0", "1000000000", "8589934592"});
  if (name == "workers") return one_of({"1", "2", "3"});
  if (name == "bind_interface") return "lo";
  if (name == "capath") return folder_.path().string();
  if (name == "crlfile") return path("revoked.pem");
  if (name == "psk_file") return path("keys");
  if (name == "acl_file") return path("rules");
  if (name == "password_file") return path("passwords");
  if (name == "ciphers") return "HIGH:!aNULL";
  if (name == "ciphers_tls1.3") return "TLS_AES_128_GCM_SHA256";
  if (name == "log_dest") return one_of({"none", "stderr", "stdout", "syslog"});
  if (name == "enable_proxy_protocol") return "1";  // see write_listener
  if (is_any(name, {"persistence", "retained_persistence"})) return "false";
  return typed_value(row);
}

/// What the row itself says that it takes.
std::string RandomConfig::typed_value(const Directive& row) {
  switch (row.type) {
    case ValueType::boolean:
      return one_of({"true", "false", "1", "0"});
    case ValueType::integer: {
      const std::int64_t least = row.bounds.least;
      const std::int64_t most = row.bounds.most;
      const std::int64_t near = std::min<std::int64_t>(most, least + below(1000));
      const std::int64_t any =
          least +
          static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(most - least + 1));
      const std::int64_t chosen[] = {least, most, near, any};
      return fmt::format("{}", chosen[below(4)]);
    }
    case ValueType::choice: {
      const auto choices = words(row.choices);
      return choices[below(static_cast<unsigned>(choices.size()))];
    }
    case ValueType::string:
      return one_of({"a", "some text", "x/y"});
    case ValueType::list:
      return one_of({"3", "4 5", "3,4,5"});
    case ValueType::lifetime:
      return fmt::format("{}{}", 1 + below(1000), one_of({"s", "h", "d", "w", "m", "y"}));
    case ValueType::endpoint:
    case ValueType::directory:
      break;
  }
  throw std::logic_error("no value is known for " + std::string(row.name));
}

std::string RandomConfig::mutated(std::string text, std::uint64_t seed) {
  random_.seed(seed);
  const unsigned changes = 1 + below(4);
  for (unsigned i = 0; i < changes && !text.empty(); ++i) {
    const std::size_t at = below(static_cast<unsigned>(text.size()));
    switch (below(6)) {
      case 0:
        text[at] = static_cast<char>(below(256));
        break;
      case 1:
        text.erase(at, 1 + below(20));
        break;
      case 2:
        text.insert(at, text.substr(below(static_cast<unsigned>(text.size())), below(60)));
        break;
      case 3:
        text.insert(at, one_of({"\n", " ", "\t", "-", "0x", "99999999999", "#", "\r\n"}));
        break;
      case 4: {
        const auto table = broker::directive_table();
        text.insert(std::min(text.find('\n', at), text.size() - 1) + 1,
                    fmt::format("{} {}\n", table[below(static_cast<unsigned>(table.size()))].name,
                                one_of({"", "true", "1", "-1", "x", "70000"})));
        break;
      }
      default:
        text.resize(at);
    }
  }
  return text;
}

}  // namespace test
