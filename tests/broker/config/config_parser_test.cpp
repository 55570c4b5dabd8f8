#include "config/config_parser.h"

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "config/directive_table.h"
#include "support/memory_source.h"

using broker::Config;
using broker::ConfigError;
using broker::ConfigFault;
using broker::ConfigParser;
using broker::ConfigResult;
using broker::ListenerConfig;
using broker::LogType;
using broker::LogTypes;
using broker::MemorySource;

namespace {

ConfigResult parse(std::string_view text, std::vector<std::uint16_t> ports = {}) {
  MemorySource nothing;
  ConfigParser parser(nothing);
  parser.parse("test.conf", text);
  return std::move(parser).finish(ports);
}

ConfigResult parse_files(MemorySource& source, const std::vector<std::string>& paths) {
  ConfigParser parser(source);
  for (const std::string& path : paths) parser.read(path);
  return std::move(parser).finish({});
}

Config accepted(std::string_view text) {
  auto result = parse(text);
  INFO(text);
  for (const ConfigError& error : result ? std::vector<ConfigError>() : result.error()) {
    UNSCOPED_INFO(to_text(error));
  }
  REQUIRE(result.has_value());
  return result->config;
}

std::vector<ConfigError> refused(std::string_view text) {
  const auto result = parse(text);
  INFO(text);
  REQUIRE_FALSE(result.has_value());
  return result.error();
}

/// The one error of `text`.
ConfigError refusal(std::string_view text) {
  const auto errors = refused(text);
  INFO(to_text(errors.front()));
  REQUIRE(errors.size() == 1);
  return errors.front();
}

bool notes(const ConfigResult& result, LogType type, std::string_view part) {
  return std::any_of(result->notes.begin(), result->notes.end(), [&](const auto& note) {
    return note.type == type && note.text.find(part) != std::string::npos;
  });
}

}  // namespace

TEST_CASE("Lines that say nothing are skipped") {
  using namespace std::string_view_literals;
  const auto text = GENERATE(""sv, "\n\n"sv, "\r\n"sv, "# comment"sv, "#comment\nworkers 1"sv,
                             "     \nworkers 1"sv, "\rignored whole\n"sv, "\0ignored whole\n"sv);
  CAPTURE(text);
  CHECK(parse(text).has_value());
}

TEST_CASE("A key and its value are separated by spaces alone") {
  using namespace std::string_view_literals;
  CHECK(accepted("   max_keepalive    60   ").limits.max_keepalive_s == 60);
  CHECK(accepted("max_keepalive 60\r\n").limits.max_keepalive_s == 60);
  CHECK(accepted("max_keepalive 60\r\r\r\n").limits.max_keepalive_s == 60);
  CHECK(accepted("max_keepalive 60").limits.max_keepalive_s == 60);
  CHECK(accepted("max_keepalive 60\0 7x"sv).limits.max_keepalive_s == 60);
  CHECK(accepted("max_keepalive \t60").limits.max_keepalive_s == 60);

  SECTION("a TAB is part of the key") {
    const ConfigError error = refusal("max_keepalive\t60");
    CHECK(error.fault == ConfigFault::unknown_key);
    CHECK(error.nearest == "max_keepalive");
    CHECK(error.hint.find("TAB") != std::string::npos);
  }
  SECTION("a TAB before the key, too") {
    CHECK(refusal("\tmax_keepalive 60").fault == ConfigFault::unknown_key);
  }
  SECTION("a line of a TAB alone is an unknown key") {
    CHECK(refusal("\t\n").fault == ConfigFault::unknown_key);
  }
  SECTION("an indented comment is an unknown key") {
    const ConfigError error = refusal("  # comment");
    CHECK(error.fault == ConfigFault::unknown_key);
    CHECK(error.hint.find("first character") != std::string::npos);
  }
  SECTION("a byte order mark is part of the first key") {
    const ConfigError error = refusal("\xEF\xBB\xBFworkers 1");
    CHECK(error.fault == ConfigFault::unknown_key);
    CHECK(error.hint.find("byte order mark") != std::string::npos);
  }
  SECTION("case matters in a key") {
    const ConfigError error = refusal("Workers 1");
    CHECK(error.fault == ConfigFault::unknown_key);
    CHECK(error.nearest == "workers");
  }
}

TEST_CASE("What follows the value") {
  SECTION("is ignored after a boolean, a number or a choice") {
    CHECK(accepted("queue_qos0_messages true # yes").delivery.queue_qos0_messages);
    CHECK(accepted("max_keepalive 60 seconds").limits.max_keepalive_s == 60);
    CHECK(accepted("log_type debug # all of it").log.types == LogTypes{LogType::debug});
  }
  SECTION("is part of a string") {
    CHECK(accepted("pid_file /run/a b # c  ").pid_file == "/run/a b # c");
  }
  SECTION("is ignored after a listener, and a comment is no host") {
    CHECK(accepted("listener 1884 # tls later").listeners.front().host.empty());
    CHECK(accepted("listener 1884 localhost and more").listeners.front().host == "localhost");
  }
}

TEST_CASE("Every key that holds a value takes what its type says and nothing else") {
  struct Row {
    std::string_view key;
    std::vector<std::string_view> taken;    ///< each followed by what it shows as, if different
    std::vector<std::string_view> shown;    ///< as many as `taken`
    std::vector<std::string_view> refused;  ///< "" means that the value is missing
  };
  const std::vector<Row> rows{
      {"workers",
       {"auto", "1", "0x10", "1024"},
       {"auto", "1", "16", "1024"},
       {"0", "-1", "1025", "many", ""}},
      {"placement", {"fill", "spread"}, {"fill", "spread"}, {"hash", ""}},
      {"max_output_buffer",
       {"65536", "2147483647"},
       {"65536", "2147483647"},
       {"65535", "0", "2147483648", ""}},
      {"queue_overflow",
       {"drop_new", "drop_old", "disconnect"},
       {"drop_new", "drop_old", "disconnect"},
       {"DROP_NEW", "drop", ""}},
      {"listener_allow_anonymous", {"true", "0"}, {"true", "false"}, {"maybe", ""}},
      {"listener_auto_id_prefix", {"x-", "a b"}, {"x-", "a b"}, {""}},
      {"max_connections", {"10", "0", "-1"}, {"10", "0", "0"}, {"x", ""}},
      {"max_qos", {"0", "1", "2"}, {"0", "1", "2"}, {"3", "-1", ""}},
      {"maximum_qos", {"0", "1", "2"}, {"0", "1", "2"}, {"3", "-1", ""}},
      {"max_topic_alias", {"0", "65535"}, {"0", "65535"}, {"65536", "-1", ""}},
      {"max_topic_alias_broker", {"0", "65535"}, {"0", "65535"}, {"65536", "-1", ""}},
      {"protocol", {"mqtt", "websockets"}, {"mqtt", "websockets"}, {"MQTT", "ws", ""}},
      {"socket_domain", {"ipv4", "ipv6"}, {"ipv4", "ipv6"}, {"any", "unix", ""}},
      {"set_tcp_nodelay", {"1", "false"}, {"true", "false"}, {"on", ""}},
      {"bind_interface", {"lo"}, {"lo"}, {"a-name-much-too-long", ""}},
      {"accept_protocol_versions",
       {"3 4 5", "5", "4,3", "5,\t4"},
       {"3 4 5", "5", "3 4", "4 5"},
       {"6", "4 x", ""}},
      {"enable_proxy_protocol", {"1", "2"}, {"1", "2"}, {"0", "3", "true", ""}},
      {"proxy_protocol_v2_require_tls", {"true"}, {"true"}, {"yes", ""}},
      {"websockets_origin", {"https://a.example"}, {"https://a.example"}, {""}},
      {"packet_buffer_size", {"0", "65535"}, {"0", "65535"}, {"65536", "-1", ""}},
      {"websockets_headers_size", {"1024"}, {"1024"}, {"65536", "-1", ""}},
      {"certfile", {"/c\nkeyfile /k"}, {"/c"}, {""}},
      {"keyfile", {"/k\ncertfile /c"}, {"/k"}, {""}},
      {"cafile", {"/a b\ncertfile /c\nkeyfile /k"}, {"/a b"}, {""}},
      {"capath", {"/a\ncertfile /c\nkeyfile /k"}, {"/a"}, {""}},
      {"crlfile", {"/r"}, {"/r"}, {""}},
      {"require_certificate",
       {"true\ncertfile /c\nkeyfile /k", "false"},
       {"true", "false"},
       {"yes", ""}},
      {"disable_client_cert_date_checks", {"true"}, {"true"}, {"yes", ""}},
      {"tls_version",
       {"tlsv1.1", "tlsv1.2", "tlsv1.3"},
       {"tlsv1.1", "tlsv1.2", "tlsv1.3"},
       {"tlsv1", "1.2", ""}},
      {"ciphers", {"HIGH:!aNULL"}, {"HIGH:!aNULL"}, {""}},
      {"ciphers_tls1.3", {"TLS_AES_128_GCM_SHA256"}, {"TLS_AES_128_GCM_SHA256"}, {""}},
      {"psk_hint", {"a hint"}, {"a hint"}, {""}},
      {"psk_file", {"/p"}, {"/p"}, {""}},
      {"user", {"root", "a b"}, {"root", "a b"}, {""}},
      {"mount_point", {"home/", "a b"}, {"home/", "a b"}, {"a/+/", "#", ""}},
      {"use_identity_as_username", {"true"}, {"true"}, {"yes", ""}},
      {"use_subject_as_username", {"true"}, {"true"}, {"yes", ""}},
      {"allow_anonymous", {"true", "false"}, {"true", "false"}, {"yes", ""}},
      {"allow_zero_length_clientid", {"false"}, {"false"}, {"no", ""}},
      {"auto_id_prefix", {"id-"}, {"id-"}, {""}},
      {"persistent_client_expiration", {"2m", "1h"}, {"5184000s", "3600s"}, {"0d", "1", "d", ""}},
      {"global_max_clients", {"7", "-1"}, {"7", "0"}, {"x", ""}},
      {"global_max_connections", {"7", "-1"}, {"7", "0"}, {"x", ""}},
      {"max_inflight_bytes", {"1000", "-5"}, {"1000", "0"}, {"1k", ""}},
      {"max_inflight_messages",
       {"1", "0", "-1", "65534", "65535"},
       {"1", "0", "0", "65534", "0"},
       {"65536", ""}},
      {"max_subscriptions_per_client", {"7", "-1"}, {"7", "0"}, {"x", ""}},
      {"max_unauthenticated_bytes", {"1048576"}, {"1048576"}, {"1048575", "0", "-1", "x", ""}},
      {"max_keepalive", {"0", "65535"}, {"0", "65535"}, {"65536", "-1", ""}},
      {"max_packet_size", {"20", "2147483647"}, {"20", "2147483647"}, {"19", "-1", ""}},
      {"max_queued_bytes", {"1000", "-5"}, {"1000", "0"}, {"", "1.0"}},
      {"max_queued_messages", {"1000", "-5"}, {"1000", "0"}, {"", "1.0"}},
      {"message_size_limit", {"0", "268435455"}, {"0", "268435455"}, {"268435456", "-1", ""}},
      {"allow_duplicate_messages", {"false"}, {"false"}, {"no", ""}},
      {"queue_qos0_messages", {"true"}, {"true"}, {"si", ""}},
      {"retain_available", {"false"}, {"false"}, {"no", ""}},
      {"memory_limit",
       {"0", "100000000000", "010"},
       {"0", "100000000000", "10"},
       {"-1", "1M", "0x10", "9223372036854775808", ""}},
      {"check_retain_source", {"true", "0"}, {"true", "false"}, {"yes", ""}},
      {"retain_expiry_interval", {"1", "10000001"}, {"1", "10000000"}, {"0", "-1", ""}},
      {"upgrade_outgoing_qos", {"true"}, {"true"}, {"2", ""}},
      {"connection_messages", {"false"}, {"false"}, {"no", ""}},
      {"log_dest",
       {"none", "stdout", "stderr", "syslog", "topic", "file /a b"},
       {"none", "stdout", "stderr", "syslog", "topic", "file /a b"},
       {"file", "STDOUT", ""}},
      {"log_facility", {"0", "7"}, {"0", "7"}, {"8", "-1", "daemon", ""}},
      {"log_format", {"text", "json"}, {"text", "json"}, {"JSON", "xml", ""}},
      {"log_show_level", {"true"}, {"true"}, {"notice", ""}},
      {"log_timestamp", {"false"}, {"false"}, {"no", ""}},
      {"log_timestamp_format", {"%H : %M"}, {"%H : %M"}, {""}},
      {"log_type",
       {"none", "websockets", "internal"},
       {"none", "websockets", "internal"},
       {"warn", "Error", ""}},
      {"sys_interval", {"0", "65535"}, {"0", "65535"}, {"65536", "-1", ""}},
      {"pid_file", {"/run/x"}, {"/run/x"}, {"", "\x01"}},
      {"per_listener_settings", {"false", "1"}, {"false", "true"}, {"no", ""}},
      {"password_file", {"/a b"}, {"/a b"}, {"", "\x01"}},
      {"acl_file", {"/a b"}, {"/a b"}, {"", "\x01"}},
      {"clientid_prefixes", {"dev-"}, {"dev-"}, {""}},
      {"use_username_as_clientid", {"true"}, {"true"}, {"yes", ""}},
      {"tls_keyform", {"pem", "der"}, {"pem", "pem"}, {""}},
      {"persistence", {"false", "0"}, {"false", "false"}, {"no", ""}},
      {"retained_persistence", {"false"}, {"false"}, {"no", ""}},
  };

  std::size_t with_value = 0;
  for (const broker::Directive& row : broker::directive_table()) with_value += row.text != nullptr;
  CHECK(rows.size() == with_value);

  for (const Row& row : rows) {
    const broker::Directive* directive = broker::find_directive(row.key);
    REQUIRE(directive != nullptr);
    const std::string before =
        section_of(directive->scope) == broker::Section::listener ? "listener 1884\n" : "";
    REQUIRE(row.taken.size() == row.shown.size());
    for (std::size_t i = 0; i < row.taken.size(); ++i) {
      const std::string line = before + std::string(row.key) + " " + std::string(row.taken[i]);
      const Config config = accepted(line);
      CAPTURE(line);
      CHECK(directive->text(*directive, {config, config.listeners.front()}) == row.shown[i]);
    }
    for (const std::string_view value : row.refused) {
      const ConfigError error = refusal(before + std::string(row.key) + " " + std::string(value));
      CAPTURE(row.key, value);
      const bool file_missing = value == "file";
      CHECK(error.fault == (value.empty() || file_missing ? ConfigFault::value_missing
                                                          : ConfigFault::value_refused));
      CHECK(error.key == row.key);
      CHECK_FALSE(error.accepted.empty());
    }
  }
}

TEST_CASE("The keys of a TLS listener that need or exclude each other") {
  struct Row {
    const char* lines;
    const char* key;
  };
  const Row row = GENERATE(
      Row{"certfile /c", "certfile"}, Row{"keyfile /k", "keyfile"}, Row{"cafile /a", "cafile"},
      Row{"capath /a", "capath"}, Row{"psk_hint h\ncertfile /c\nkeyfile /k", "psk_hint"},
      Row{"require_certificate true", "require_certificate true"},
      Row{"require_certificate true\nenable_proxy_protocol 1", "require_certificate true"});
  CAPTURE(row.lines);
  const ConfigError error = refusal("sys_interval 1\nlistener 1\n" + std::string(row.lines));
  CHECK(error.fault == ConfigFault::incomplete);
  CHECK(error.key == row.key);
  CHECK(error.where.line == 3);
  SECTION("each listener for itself") {
    const ConfigError second =
        refusal("listener 1\ncertfile /c\nkeyfile /k\nlistener 2\nkeyfile /k");
    CHECK(second.where.line == 5);
    CHECK(second.key == "keyfile");
  }
  SECTION("a certificate is demanded by the proxy, where there is one, or replaced by a key") {
    CHECK(parse("listener 1\nenable_proxy_protocol 2\nrequire_certificate true"));
    CHECK(notes(parse("listener 1\nrequire_certificate true\npsk_hint h\npsk_file /p"),
                LogType::warning, "test.conf:2: require_certificate has no effect with psk_hint"));
  }
}

TEST_CASE("What has no effect is warned of, with its line") {
  struct Row {
    const char* line;
    const char* warning;
  };
  const Row row = GENERATE(
      Row{"crlfile /r", "crlfile has no effect without TLS"},
      Row{"ciphers HIGH", "ciphers has no effect without TLS"},
      Row{"tls_version tlsv1.3", "tls_version has no effect without TLS"},
      Row{"use_subject_as_username true", "use_subject_as_username has no effect without TLS"},
      Row{"max_qos 1 2", "max_qos takes one value; \"2\" after it is ignored."},
      Row{"log_type error warning", "log_type takes one value; \"warning\" after it is ignored."},
      Row{"tls_keyform der", "tls_keyform der means pem."});
  CAPTURE(row.line);
  const auto result = parse("sys_interval 1\nlistener 1\n" + std::string(row.line));
  CHECK(notes(result, LogType::warning, "test.conf:3: " + std::string(row.warning)));
  SECTION("a comment behind a value is none") {
    CHECK(parse("listener 1\nmax_qos 1 # 2")->notes.empty());
  }
}

TEST_CASE("The value that was most likely meant is named") {
  struct Row {
    const char* line;
    const char* nearest;
  };
  const Row row =
      GENERATE(Row{"log_type warn", "warning"}, Row{"log_type info", "information"},
               Row{"log_type Error", "error"}, Row{"log_dest sterr", "stderr"},
               Row{"protocol webskets", "websockets"}, Row{"persistence yes", "true"},
               Row{"connection_messages TRUE", "true"}, Row{"connection_messages on", "true"},
               Row{"connection_messages off", "false"}, Row{"connection_messages No", "false"},
               Row{"connection_messages x", ""}, Row{"max_qos 3", ""});
  CAPTURE(row.line);
  const ConfigError error = refusal(std::string("listener 1\n") + row.line);
  CHECK(error.nearest == row.nearest);
  CHECK((to_text(error).find("did you mean") != std::string::npos) == (row.nearest[0] != '\0'));
}

TEST_CASE("Keys that follow a listener line with an error are of that listener") {
  const auto errors = refused(
      "listener 1\ncertfile /c\nkeyfile /k\nlistener x\npsk_hint h\nlistener 0\nkeyfile /k");
  REQUIRE(errors.size() == 3);
  CHECK(errors[0].where.line == 4);
  CHECK(errors[1].where.line == 6);
  CHECK(to_text(errors[2]) == "test.conf:7: keyfile needs a certfile");
}

TEST_CASE("Where a value was written is known") {
  const Config config =
      accepted("acl_file /a\nlistener 1\nmaximum_qos 1\npassword_file /p\nlistener 2\nmax_qos 0");
  const auto line = [](const std::optional<broker::SourceLine>& where) {
    return where ? to_text(*where) : std::string();
  };
  CHECK(line(config.written_for(config.listeners[0], "acl_file")) == "test.conf:1");
  CHECK(line(config.written_for(config.listeners[1], "password_file")) == "test.conf:4");
  CHECK(line(config.listeners[0].written.find("max_qos")) == "test.conf:3");
  CHECK(line(config.listeners[1].written.find("max_qos")) == "test.conf:6");
  CHECK(line(config.listeners[1].written.find("listener")) == "test.conf:5");
  CHECK(line(config.written.find("psk_file")).empty());
  SECTION("and no part of the value") {
    CHECK(config == accepted("acl_file /a\n\nlistener 1\nmax_qos 1\npassword_file /p\nlistener 2\n"
                             "max_qos 0"));
  }
}

TEST_CASE("A listener whose TLS ends at a proxy has none of its own") {
  const char* own =
      GENERATE("certfile /c\nkeyfile /k", "keyfile /k", "use_subject_as_username true");
  const auto errors = refused("sys_interval 1\nlistener 1\nenable_proxy_protocol 2\n" +
                              std::string(own) + "\nlistener 2");
  const std::string_view other = own[0] == 'u' ? "use_subject_as_username" : "certfile or keyfile";
  CHECK(to_text(errors.back()) == "test.conf:3: enable_proxy_protocol 2 and " + std::string(other) +
                                      " exclude each other on one listener");
}

TEST_CASE("A listener may have TLS of its own behind a proxy that says who is there") {
  const Config config = accepted(
      "listener 1\nenable_proxy_protocol 1\ncertfile /c\nkeyfile /k\n"
      "use_subject_as_username true");
  CHECK(config.listeners[0].proxy_protocol == broker::ProxyProtocol::v1);
}

TEST_CASE("What means nothing without a proxy's TLS is warned of") {
  const auto warnings = [](const std::string& lines) {
    std::string texts;
    const auto loaded = parse("listener 1\n" + lines);
    REQUIRE(loaded);
    for (const broker::ConfigNote& note : loaded->notes) {
      if (note.type == LogType::warning) texts += note.text;
    }
    return texts;
  };
  CHECK(warnings("enable_proxy_protocol 2\nproxy_protocol_v2_require_tls true").empty());
  CHECK(
      warnings("proxy_protocol_v2_require_tls true") ==
      "test.conf:2: proxy_protocol_v2_require_tls has no effect without enable_proxy_protocol 2.");
  CHECK_FALSE(warnings("enable_proxy_protocol 1\nproxy_protocol_v2_require_tls true").empty());
  const std::string names = "enable_proxy_protocol 2\nuse_identity_as_username true";
  CHECK(warnings(names + "\nrequire_certificate true").empty());
  CHECK(warnings(names) ==
        "test.conf:3: use_identity_as_username has no effect with enable_proxy_protocol 2 unless "
        "require_certificate is true.");
}

TEST_CASE("A prefix of generated client ids has at most 50 bytes") {
  CHECK(accepted("auto_id_prefix " + std::string(50, 'x')).sessions.auto_id_prefix.size() == 50);
  CHECK(refusal("auto_id_prefix " + std::string(51, 'x')).fault == ConfigFault::value_refused);
  CHECK(refusal("listener 1\nlistener_auto_id_prefix " + std::string(51, 'x')).fault ==
        ConfigFault::value_refused);
}

TEST_CASE("A key written twice") {
  SECTION("holds its last value if it is a boolean, a number or a choice") {
    CHECK(accepted("max_keepalive 1\nmax_keepalive 2").limits.max_keepalive_s == 2);
    CHECK_FALSE(accepted("set_tcp_nodelay true\nset_tcp_nodelay false").set_tcp_nodelay);
  }
  SECTION("is refused if it is a string") {
    const auto line = GENERATE("auto_id_prefix x", "bind_address localhost", "pid_file /x",
                               "log_timestamp_format %s", "log_dest file /x");
    const ConfigError error = refusal(std::string(line) + "\n" + line);
    CHECK(error.fault == ConfigFault::duplicate);
    CHECK(error.where.line == 2);
  }
  SECTION("is refused within one listener and accepted in two") {
    CHECK(refusal("listener 1\nlistener_auto_id_prefix a\nlistener_auto_id_prefix b").fault ==
          ConfigFault::duplicate);
    const Config config =
        accepted("listener 1\nlistener_auto_id_prefix a\nlistener 2\nlistener_auto_id_prefix b");
    CHECK(config.listeners[0].auto_id_prefix == "a");
    CHECK(config.listeners[1].auto_id_prefix == "b");
  }
  SECTION("adds to the first if it accumulates") {
    CHECK(accepted("listener 1\nlistener 1").listeners.size() == 2);
    const Config config =
        accepted("log_dest stdout\nlog_dest file /x\nlog_type error\nlog_type debug");
    CHECK(config.log.to_stdout);
    CHECK_FALSE(config.log.to_stderr);
    CHECK(config.log.file == "/x");
    CHECK(config.log.types == LogTypes{LogType::error, LogType::debug});
  }
}

TEST_CASE("Destinations and types of the log add up, `none` clears and `all` sets") {
  CHECK(accepted("log_dest stdout\nlog_dest none").log.to_stdout == false);
  CHECK(accepted("log_dest file /x\nlog_dest none\nlog_dest stdout").log.file.empty());
  CHECK(accepted("log_dest none\nlog_dest stdout").log.to_stdout);
  CHECK(accepted("log_type debug\nlog_type none").log.types == LogTypes::none());
  CHECK(accepted("log_type none\nlog_type debug").log.types == LogTypes{LogType::debug});
  CHECK(accepted("log_type error\nlog_type all").log.types == LogTypes::all());
}

TEST_CASE("Without a listener the broker serves this machine alone") {
  const auto result = parse("max_keepalive 5");
  REQUIRE(result.has_value());
  const Config& config = result->config;
  CHECK(config.local_only);
  REQUIRE(config.listeners.size() == 2);
  CHECK(config.listeners[0].host == "127.0.0.1");
  CHECK(config.listeners[1].host == "::1");
  CHECK(config.listeners[0].port == 1883);
  CHECK(config.allows_anonymous(config.listeners[0]));
  CHECK(config.auto_id_prefix(config.listeners[0]) == "auto-");
  CHECK(notes(result, LogType::warning, "local-only"));

  SECTION("on the ports of the command line if there are any") {
    const auto other = parse("", {1884, 1885});
    REQUIRE(other->config.listeners.size() == 4);
    CHECK(other->config.listeners[1].port == 1884);
    CHECK(other->config.listeners[3].port == 1885);
    CHECK(other->config.listeners[3].host == "::1");
  }
  SECTION("admitting nobody without a user name if the file says so") {
    const Config closed = accepted("allow_anonymous false");
    CHECK_FALSE(closed.allows_anonymous(closed.listeners[0]));
  }
  SECTION("and settings of a listener that is not there are dropped with a warning") {
    const auto dropped = parse("max_connections 5");
    CHECK(dropped->config.local_only);
    CHECK(dropped->config.listeners == config.listeners);
    CHECK(notes(dropped, LogType::information, "default listener"));
    CHECK(notes(dropped, LogType::warning, "not used"));
  }
}

TEST_CASE("A listener line begins a listener, and its keys belong to it") {
  const Config config = accepted(
      "listener 1884 127.0.0.1\nmax_qos 1\nmax_connections 3\nlistener 1885\nmax_topic_alias 4\n");
  REQUIRE(config.listeners.size() == 2);
  CHECK_FALSE(config.local_only);
  CHECK(config.listeners[0].port == 1884);
  CHECK(config.listeners[0].host == "127.0.0.1");
  CHECK(config.listeners[0].max_qos == mqtt::QoS::at_least_once);
  CHECK(config.listeners[0].max_connections == 3);
  CHECK(config.listeners[0].max_topic_alias == 10);
  CHECK(config.listeners[1].port == 1885);
  CHECK(config.listeners[1].host.empty());
  CHECK(config.listeners[1].max_qos == mqtt::QoS::exactly_once);
  CHECK(config.listeners[1].max_topic_alias == 4);

  SECTION("ports are from 1 to 65535") {
    CHECK(accepted("listener 65535").listeners[0].port == 65535);
    for (const char* port : {"0", "-1", "65536", "x", "", "1883x"}) {
      CAPTURE(port);
      CHECK(refusal(std::string("listener ") + port).key == "listener");
    }
  }
  SECTION("port 0 and a path are a Unix socket") {
    const Config unix = accepted("listener 0 /run/x\nmax_connections 7");
    CHECK(unix.listeners[0].unix_path == "/run/x");
    CHECK(unix.listeners[0].port == 0);
    CHECK(unix.listeners[0].host.empty());
    CHECK(name(unix.listeners[0]) == "0 /run/x");
    CHECK(accepted("listener 0 /" + std::string(106, 'x')).listeners.size() == 1);
    CHECK(refusal("listener 0 /" + std::string(107, 'x')).fault == ConfigFault::value_refused);
  }
  SECTION("ports of the command line are not used") {
    const auto result = parse("listener 1884", {1999});
    CHECK(result->config.listeners.size() == 1);
    CHECK(notes(result, LogType::warning, "command line"));
  }
}

TEST_CASE("A listener's key without a listener") {
  SECTION("is refused if it needs one") {
    const auto line = GENERATE("listener_allow_anonymous true", "listener_auto_id_prefix x",
                               "max_topic_alias 1", "max_topic_alias_broker 1");
    const ConfigError error = refusal(line);
    CHECK(error.fault == ConfigFault::section_not_open);
  }
  SECTION("creates the default listener otherwise, beside those that follow") {
    const Config config = accepted("max_connections 5\nlistener 1884\n");
    REQUIRE(config.listeners.size() == 2);
    CHECK(config.listeners[0].port == 1883);
    CHECK(config.listeners[0].max_connections == 5);
    CHECK(config.listeners[1].max_connections == 0);
  }
  SECTION("creates it once") {
    const Config config = accepted("max_connections 5\nmax_qos 0\nport 1890\n");
    REQUIRE(config.listeners.size() == 1);
    CHECK(config.listeners[0].port == 1890);
    CHECK(config.listeners[0].max_connections == 5);
    CHECK(config.listeners[0].max_qos == mqtt::QoS::at_most_once);
  }
}

TEST_CASE("port and bind_address speak of the default listener") {
  const auto result = parse("listener 1884\nport 1885\nbind_address localhost\nmax_qos 1\n");
  REQUIRE(result.has_value());
  const Config& config = result->config;
  CHECK_FALSE(config.local_only);
  REQUIRE(config.listeners.size() == 2);
  CHECK(config.listeners[0].max_qos == mqtt::QoS::exactly_once);
  CHECK(config.listeners[1].port == 1885);
  CHECK(config.listeners[1].host == "localhost");
  CHECK(config.listeners[1].max_qos == mqtt::QoS::at_least_once);
  CHECK(notes(result, LogType::notice, "port is deprecated"));
  CHECK(refusal("port 0").key == "port");
  CHECK(refusal("port 65536").key == "port");
}

TEST_CASE("Who may come without a user name") {
  SECTION("nobody, once a listener is configured") {
    const Config config = accepted("listener 1884");
    CHECK_FALSE(config.allows_anonymous(config.listeners[0]));
  }
  SECTION("everybody, if the broker says so, under whatever listener it is written") {
    const Config config = accepted("listener 1884\nlistener 1885\nallow_anonymous true");
    CHECK(config.allows_anonymous(config.listeners[0]));
    CHECK(config.allows_anonymous(config.listeners[1]));
  }
  SECTION("a listener's own word comes first") {
    const Config config = accepted(
        "allow_anonymous true\nlistener 1884\nlistener_allow_anonymous false\nlistener 1885");
    CHECK_FALSE(config.allows_anonymous(config.listeners[0]));
    CHECK(config.allows_anonymous(config.listeners[1]));
    const Config other = accepted("listener 1884\nlistener_allow_anonymous true\nlistener 1885");
    CHECK(other.allows_anonymous(other.listeners[0]));
    CHECK_FALSE(other.allows_anonymous(other.listeners[1]));
  }
}

TEST_CASE("A generated client id begins with the listener's prefix, or else the broker's") {
  const Config config =
      accepted("auto_id_prefix all-\nlistener 1884\nlistener_auto_id_prefix one-\nlistener 1885");
  CHECK(config.auto_id_prefix(config.listeners[0]) == "one-");
  CHECK(config.auto_id_prefix(config.listeners[1]) == "all-");
}

TEST_CASE("With per_listener_settings each listener has rules of its own") {
  const Config config = accepted(
      "per_listener_settings true\n"
      "listener 1883\npassword_file /one\nallow_anonymous true\nauto_id_prefix one-\n"
      "listener 1884\nacl_file /two\nallow_zero_length_clientid false\npsk_file /keys\n"
      "per_listener_settings false");
  const auto& [one, two] = std::tie(config.listeners[0], config.listeners[1]);
  CHECK(config.password_file_of(one) == "/one");
  CHECK(config.password_file_of(two).empty());
  CHECK(config.acl_file_of(one).empty());
  CHECK(config.acl_file_of(two) == "/two");
  CHECK(config.psk_file_of(two) == "/keys");
  CHECK(config.allows_anonymous(one));
  CHECK_FALSE(config.allows_anonymous(two));
  CHECK(config.auto_id_prefix(one) == "one-");
  CHECK(config.allows_zero_length_clientid(one));
  CHECK_FALSE(config.allows_zero_length_clientid(two));
  SECTION("and there are none without a listener") {
    CHECK(refusal("per_listener_settings true\npassword_file /p").fault ==
          ConfigFault::section_not_open);
  }
  SECTION("which has to be said before them") {
    const ConfigError error = refusal("allow_anonymous true\nper_listener_settings true");
    CHECK(error.fault == ConfigFault::value_refused);
    CHECK(error.where.line == 2);
  }
  SECTION("without it they hold for all, wherever they stand") {
    const Config common = accepted("listener 1883\npassword_file /p\nlistener 1884\nacl_file /a");
    CHECK(common.password_file_of(common.listeners[1]) == "/p");
    CHECK(common.acl_file_of(common.listeners[0]) == "/a");
  }
}

TEST_CASE("A key that is known but not supported yet is refused by name") {
  for (const broker::Directive& row : broker::directive_table()) {
    if (row.support != broker::Support::not_yet) continue;
    const ConfigError error = refusal(std::string(row.name) + " 1");
    CAPTURE(row.name);
    CHECK(error.fault == ConfigFault::not_supported_yet);
    CHECK(to_text(error).find("not supported yet") != std::string::npos);
    CHECK(to_text(error).find(row.name) != std::string::npos);
  }
  SECTION("as is a value that is not supported yet") {
    const auto line = GENERATE("persistence true", "retained_persistence 1", "log_dest dlt",
                               "protocol http_api", "listener 1884\ntls_keyform engine");
    CHECK(refusal(line).fault == ConfigFault::not_supported_yet);
  }
  SECTION("and what to do about persistence, which the configuration of Debian asks for") {
    CHECK(refusal("persistence true").hint.find("write false") == 0);
    CHECK(refusal("persistence_location /var/lib/mosquitto/").hint.find("remove the line") == 0);
    CHECK(refusal("autosave_interval 60").hint.find("remove the line") == 0);
    CHECK(refusal("http_dir /x").hint.empty());
  }
}

TEST_CASE("A key that has lost its meaning is taken with a warning") {
  const auto key = GENERATE("dhparamfile /x", "retry_interval 20", "websockets_log_level 7",
                            "tls_engine pkcs11", "tls_engine_kpass_sha1 00");
  const auto result = parse(key);
  REQUIRE(result.has_value());
  CHECK(notes(result, LogType::warning, "no effect"));
}

TEST_CASE("A deprecated key is noted once") {
  const auto result = parse("message_size_limit 5\nmessage_size_limit 6\n");
  REQUIRE(result.has_value());
  CHECK(std::count_if(result->notes.begin(), result->notes.end(),
                      [](const auto& note) { return note.type == LogType::notice; }) == 1);
}

TEST_CASE("All errors of a configuration are found in one go") {
  const auto errors =
      refused("listner 1\nmax_qos 9\n\nworkers 1\nhttp_dir x\n# x\nmax_keepalive\n");
  REQUIRE(errors.size() == 4);
  CHECK(errors[0].where == broker::SourceLine{"test.conf", 1});
  CHECK(errors[1].where.line == 2);
  CHECK(errors[2].where.line == 5);
  CHECK(errors[3].where.line == 7);

  SECTION("each says where it is, what was found and what is accepted") {
    CHECK(to_text(errors[0]) == "test.conf:1: unknown key \"listner\"; did you mean \"listener\"?");
    CHECK(to_text(errors[1]) ==
          "test.conf:2: max_qos does not take \"9\": expected a whole number from 0 to 2");
    CHECK(to_text(errors[2]) == "test.conf:5: http_dir is not supported yet");
    CHECK(to_text(errors[3]) ==
          "test.conf:7: max_keepalive needs a value: a whole number from 0 to 65535");
  }
  SECTION("up to a limit") {
    std::string text;
    for (int i = 0; i < 10000; ++i) text += "nonsense 1\n";
    const auto many = refused(text);
    CHECK(many.size() == ConfigParser::max_errors + 1);
    CHECK(many.back().fault == ConfigFault::too_many_errors);
  }
}

TEST_CASE("What an error quotes is short and printable") {
  const ConfigError unprintable = refusal("a\x1b[2J\x01\xff 1");
  CHECK(unprintable.key == "a?[2J??");
  const ConfigError lengthy = refusal("max_keepalive " + std::string(100000, '9'));
  CHECK(to_text(lengthy).size() < 300);
}

TEST_CASE("include_dir reads files in its place") {
  MemorySource source;
  source.files["main.conf"] = "max_keepalive 1\ninclude_dir d\nmax_queued_messages 7\n";
  source.files["d/1.conf"] = "max_keepalive 2\nmax_queued_messages 8\n";

  SECTION("what follows it overrules them") {
    const auto result = parse_files(source, {"main.conf"});
    REQUIRE(result.has_value());
    CHECK(result->config.limits.max_keepalive_s == 2);
    CHECK(result->config.limits.max_queued_messages == 7);
    CHECK(notes(result, LogType::information, "d/1.conf"));
  }
  SECTION("one after the other") {
    source.files["d/2.conf"] = "max_keepalive 3\n";
    CHECK(parse_files(source, {"main.conf"})->config.limits.max_keepalive_s == 3);
  }
  SECTION("an included file starts without a current listener") {
    source.files["main.conf"] = "listener 1884\ninclude_dir d\n";
    source.files["d/1.conf"] = "max_topic_alias 3\n";
    const auto result = parse_files(source, {"main.conf"});
    REQUIRE_FALSE(result.has_value());
    CHECK(result.error().front().fault == ConfigFault::section_not_open);
  }
  SECTION("the current listener is afterwards what it was before") {
    source.files["main.conf"] = "listener 1884\ninclude_dir d\nmax_qos 1\n";
    source.files["d/1.conf"] = "listener 1885\nmax_qos 0\n";
    const auto result = parse_files(source, {"main.conf"});
    REQUIRE(result.has_value());
    const auto& listeners = result->config.listeners;
    REQUIRE(listeners.size() == 2);
    CHECK(listeners[0].max_qos == mqtt::QoS::at_least_once);
    CHECK(listeners[1].max_qos == mqtt::QoS::at_most_once);
  }
  SECTION("an error in an included file names both places") {
    source.files["d/1.conf"] = "\nmax_qos 9\n";
    const auto result = parse_files(source, {"main.conf"});
    REQUIRE_FALSE(result.has_value());
    REQUIRE(result.error().size() == 1);
    CHECK(result.error().front().where == broker::SourceLine{"d/1.conf", 2});
    CHECK(result.error().front().included_from == broker::SourceLine{"main.conf", 2});
    CHECK(to_text(result.error().front()).find("main.conf:2") != std::string::npos);
  }
  SECTION("errors after it name the outer file again") {
    source.files["main.conf"] = "include_dir d\nmax_qos 9\n";
    const auto result = parse_files(source, {"main.conf"});
    REQUIRE_FALSE(result.has_value());
    CHECK(result.error().front().where == broker::SourceLine{"main.conf", 2});
    CHECK_FALSE(result.error().front().included_from);
  }
  SECTION("it may not stand in an included file") {
    source.files["d/1.conf"] = "include_dir d\n";
    const auto result = parse_files(source, {"main.conf"});
    REQUIRE_FALSE(result.has_value());
    CHECK(result.error().front().fault == ConfigFault::nested_include);
  }
  SECTION("a directory that is not there is an error at its line") {
    source.files["main.conf"] = "\ninclude_dir nowhere\n";
    const auto result = parse_files(source, {"main.conf"});
    REQUIRE_FALSE(result.has_value());
    CHECK(result.error().front().fault == ConfigFault::not_readable);
    CHECK(result.error().front().where.line == 2);
  }
  SECTION("it needs a directory") {
    CHECK(refusal("include_dir").fault == ConfigFault::value_missing);
  }
}

TEST_CASE("Several main files add up") {
  MemorySource source;
  source.files["a.conf"] = "listener 1884\nmax_keepalive 1\n";
  source.files["b.conf"] = "listener 1885\nmax_keepalive 2\n";
  const auto result = parse_files(source, {"a.conf", "b.conf"});
  REQUIRE(result.has_value());
  CHECK(result->config.listeners.size() == 2);
  CHECK(result->config.limits.max_keepalive_s == 2);

  SECTION("each starts without a current listener") {
    source.files["b.conf"] = "max_topic_alias 3\n";
    CHECK_FALSE(parse_files(source, {"a.conf", "b.conf"}).has_value());
  }
  SECTION("and one that is not there is an error") {
    const auto missing = parse_files(source, {"a.conf", "c.conf"});
    REQUIRE_FALSE(missing.has_value());
    CHECK(to_text(missing.error().front()) == "c.conf: cannot read c.conf: no such file");
  }
}
