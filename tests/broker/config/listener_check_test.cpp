#include "config/listener_check.h"

#include <catch2/catch.hpp>

using namespace broker;

namespace {

struct Checked {
  std::vector<ConfigError> errors;
  std::vector<ConfigNote> notes;
};

Checked check(const ListenerConfig& listener) {
  Checked checked;
  checked.errors = check_listener(Config{}, listener, checked.notes);
  return checked;
}

}  // namespace

TEST_CASE("What is wrong with a listener is reported at the key's line, or the listener's own") {
  ListenerConfig listener;
  listener.tls.certificate_file = "c";
  listener.written.note("listener", {"main.conf", 3});
  REQUIRE(check(listener).errors.size() == 1);
  CHECK(to_text(check(listener).errors[0]) == "main.conf:3: certfile needs a keyfile");
  listener.written.note("certfile", {"main.conf", 5});
  CHECK(to_text(check(listener).errors[0]) == "main.conf:5: certfile needs a keyfile");
}

TEST_CASE("Everything that is wrong with a listener is reported") {
  ListenerConfig listener;
  listener.tls.key_file = "k";
  listener.tls.ca_file = "ca";
  listener.tls.require_certificate = true;
  listener.proxy_protocol = ProxyProtocol::v2;
  std::vector<std::string> keys;
  for (const ConfigError& error : check(listener).errors) keys.push_back(error.key);
  CHECK(keys == std::vector<std::string>{"keyfile", "cafile", "enable_proxy_protocol 2"});
}

TEST_CASE("A listener without TLS has no error, and a warning for each key that needs TLS") {
  ListenerConfig listener;
  CHECK(check(listener).errors.empty());
  CHECK(check(listener).notes.empty());
  listener.tls.subject_is_user_name = true;
  listener.tls.ciphers = "DEFAULT";
  listener.written.note("ciphers", {"main.conf", 4});
  const Checked checked = check(listener);
  CHECK(checked.errors.empty());
  REQUIRE(checked.notes.size() == 2);
  CHECK(checked.notes[0].type == LogType::warning);
  CHECK(checked.notes[1].text.starts_with("main.conf:4: ciphers has no effect without TLS"));
}
