#include "cli/connection/connection_options.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/connection/client_setup.h"
#include "cli/options/command_line.h"

using Words = std::vector<std::string>;
using mqtt::PropertyId;
using mqtt::ProtocolVersion;
using mqtt::QoS;

namespace {

/// A tool with the shared options only.
struct Tool {
  cli::ConnectionOptions options;
  std::vector<std::string> topics;
  std::unique_ptr<CLI::App> app = cli::make_app("mqtt-tool", "A tool", "");

  Tool() {
    cli::bind_connection_options(
        *app, options,
        [this](const std::string& topic) {
          topics.push_back(topic);
          return cli::check_topic_filter(topic);
        },
        "Topic");
  }

  /// The error of parsing or of the check of the whole; empty if there is none.
  std::string parse(Words words) {
    const auto parsed = cli::parse_command_line(*app, std::move(words));
    if (!parsed) return parsed.error().text;
    const auto checked = cli::check(options);
    return checked ? "" : checked.error();
  }
};

/// Sets a variable of the environment for as long as it lives.
class Variable {
 public:
  Variable(const char* name, const char* value) : name_(name) { setenv(name, value, 1); }
  ~Variable() { unsetenv(name_); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  const char* name_;
};

cli::ConnectionOptions options_of(Words words) {
  Tool tool;
  REQUIRE(tool.parse(std::move(words)).empty());
  return tool.options;
}

bool is_refused(Words words) {
  return !Tool().parse(std::move(words)).empty();
}

std::optional<std::uint32_t> session_expiry(Words words) {
  const cli::ConnectionOptions options = options_of(std::move(words));
  return cli::connect_properties(options).view().number(PropertyId::session_expiry_interval);
}

}  // namespace

TEST_CASE("Without options a tool connects to localhost with MQTT 3.1.1") {
  const cli::ConnectionOptions options = options_of({});
  CHECK(options.host == "localhost");
  CHECK(options.effective_port() == 1883);
  CHECK(options.version == ProtocolVersion::v311);
  CHECK(options.clean_start);
  CHECK(options.keep_alive_s == 60);
  CHECK(options.max_in_flight == 20);
  CHECK(options.qos == QoS::at_most_once);
  CHECK(cli::client_id_for(options).empty());
}

TEST_CASE("The later word about the address wins") {
  CHECK(options_of({"-h", "a", "--host", "b"}).host == "b");
  CHECK(options_of({"-p", "2000", "--port", "3000"}).effective_port() == 3000);

  SECTION("a Unix socket is a host with port 0") {
    const cli::ConnectionOptions unix_socket = options_of({"-p", "2000", "--unix", "/run/mqtt"});
    CHECK(unix_socket.is_unix_socket());
    CHECK(cli::client_options(unix_socket).endpoint.unix_path == "/run/mqtt");
    CHECK(options_of({"-p", "0", "-h", "/run/mqtt"}).is_unix_socket());
    CHECK_FALSE(options_of({"--unix", "/run/mqtt", "-p", "2000"}).is_unix_socket());
  }
  SECTION("a URL sets all of it, and later options override") {
    Tool tool;
    REQUIRE(tool.parse({"-h", "x", "-L", "mqtt://u:p@h:2000/a/#", "-p", "3000"}).empty());
    CHECK(tool.options.host == "h");
    CHECK(tool.options.effective_port() == 3000);
    CHECK(tool.options.user_name == "u");
    CHECK(tool.options.password == "p");
    CHECK(tool.topics == Words{"a/#"});
  }
}

TEST_CASE("Numbers outside their range are refused") {
  CHECK(is_refused({"-p", "65536"}));
  CHECK(is_refused({"-p", "-1"}));
  CHECK_FALSE(is_refused({"-p", "0"}));
  CHECK(is_refused({"-k", "4"}));
  CHECK(is_refused({"-k", "0"}));
  CHECK_FALSE(is_refused({"-k", "5"}));
  CHECK_FALSE(is_refused({"-k", "65535"}));
  CHECK(is_refused({"-k", "65536"}));
  CHECK(is_refused({"-q", "3"}));
  CHECK(is_refused({"-q", "x"}));
  CHECK(is_refused({"--will-topic", "a", "--will-qos", "3"}));
  CHECK(is_refused({"-M", "0"}));
  CHECK_FALSE(is_refused({"-M", "1"}));
}

TEST_CASE("option -V takes numbers and names; -D and -x ask for version 5 where they stand") {
  CHECK(options_of({"-V", "5"}).version == ProtocolVersion::v5);
  CHECK(options_of({"-V", "mqttv5"}).version == ProtocolVersion::v5);
  CHECK(options_of({"-V", "311"}).version == ProtocolVersion::v311);
  CHECK(options_of({"-V", "mqttv311"}).version == ProtocolVersion::v311);
  CHECK(options_of({"-V", "31"}).version == ProtocolVersion::v31);
  CHECK(options_of({"-V", "mqttv31"}).version == ProtocolVersion::v31);
  CHECK(is_refused({"-V", "4"}));
  CHECK(is_refused({"-V", "MQTTV5"}));

  CHECK(options_of({"-V", "311", "-x", "10"}).version == ProtocolVersion::v5);
  CHECK(options_of({"-x", "10", "-V", "311"}).version == ProtocolVersion::v311);
  CHECK(options_of({"-D", "publish", "content-type", "x"}).version == ProtocolVersion::v5);
}

TEST_CASE("The session outlives the connection when it is asked to") {
  SECTION("-x gives the time, in any base, or for ever") {
    CHECK(session_expiry({"-x", "10"}) == 10);
    CHECK(session_expiry({"-x", "0x10"}) == 16);
    CHECK(session_expiry({"-x", "010"}) == 8);
    CHECK(session_expiry({"-x", "0"}) == std::nullopt);
    CHECK(session_expiry({"-x", "-1", "-i", "a"}) == 0xFFFFFFFF);
    CHECK(session_expiry({"-x", "4294967295", "-i", "a"}) == 0xFFFFFFFF);
    CHECK(session_expiry({"-x", "∞", "-i", "a"}) == 0xFFFFFFFF);
    CHECK(is_refused({"-x", "4294967296"}));
    CHECK(is_refused({"-x", "10s"}));
    CHECK(is_refused({"-x", "-2"}));
    CHECK(is_refused({"-x", "0x"}));
  }
  SECTION("-c alone means for ever in version 5") {
    CHECK(session_expiry({"-c", "-i", "a", "-V", "5"}) == 0xFFFFFFFF);
    CHECK(session_expiry({"-c", "-i", "a", "-x", "10"}) == 10);
    CHECK(session_expiry({"-c", "-i", "a", "-D", "connect", "session-expiry-interval", "7"}) == 7);
    CHECK(session_expiry({"-c", "-i", "a"}) == std::nullopt);
    CHECK_FALSE(options_of({"-c", "-i", "a"}).clean_start);
  }
  SECTION("and then needs a client identifier; a prefix is not one") {
    CHECK(is_refused({"-c"}));
    CHECK(is_refused({"-c", "-I", "a"}));
    CHECK(is_refused({"-c", "-V", "5"}));
    CHECK(is_refused({"-x", "-1"}));
    CHECK_FALSE(is_refused({"-x", "10"}));
    CHECK_FALSE(is_refused({"-c", "-x", "10"}));
  }
  SECTION("saying it twice is refused") {
    CHECK(is_refused({"-x", "10", "-D", "connect", "session-expiry-interval", "7"}));
  }
}

TEST_CASE("The client identifier is given, made from a prefix, or left to the broker") {
  CHECK(cli::client_id_for(options_of({"-i", "me"})) == "me");
  CHECK(cli::client_id_for(options_of({"-I", "me-"})) == "me-" + std::to_string(::getpid()));
  CHECK(is_refused({"-i", "a", "-I", "b"}));
  CHECK(is_refused({"-I", "b", "-i", "a"}));
  CHECK(is_refused({"-i", ""}));

  SECTION("MQTT 3.1 has no empty identifier: it is random, and as long as 3.1 allows") {
    const cli::ConnectionOptions old = options_of({"-V", "31"});
    CHECK(cli::client_id_for(old).size() == 23);
    CHECK(cli::client_id_for(old) != cli::client_id_for(old));
  }
}

TEST_CASE("A password needs a user name before MQTT 5") {
  CHECK(is_refused({"-P", "secret"}));
  CHECK_FALSE(is_refused({"-P", "secret", "-V", "5"}));
  CHECK_FALSE(is_refused({"-P", "secret", "-u", "me"}));
  CHECK(is_refused({"-u", "\xFF"}));
  CHECK(is_refused({"-u", std::string(65536, 'x')}));
}

TEST_CASE("A will has a topic, and may have more") {
  const cli::ConnectionOptions options =
      options_of({"--will-topic", "a/b", "--will-payload", "gone", "--will-qos", "2",
                  "--will-retain", "-D", "will", "will-delay-interval", "5"});
  const auto client = cli::client_options(options);
  REQUIRE(client.connect.will);
  CHECK(client.connect.will->topic == "a/b");
  CHECK(client.connect.will->payload == "gone");
  CHECK(client.connect.will->qos == QoS::exactly_once);
  CHECK(client.connect.will->retain);
  CHECK(client.connect.will->properties.view().number(PropertyId::will_delay_interval) == 5);

  CHECK(is_refused({"--will-payload", "x"}));
  CHECK(is_refused({"--will-retain"}));
  CHECK(is_refused({"--will-topic", "a/#"}));
  CHECK(is_refused({"--will-topic", ""}));
  CHECK_FALSE(is_refused({"--will-qos", "1"}));
  CHECK_FALSE(cli::client_options(options_of({"--will-qos", "1"})).connect.will);
}

TEST_CASE("Properties of CONNECT and of the will need MQTT 5") {
  CHECK(is_refused({"-D", "connect", "receive-maximum", "5", "-V", "311"}));
  CHECK(is_refused({"-D", "will", "content-type", "x", "--will-topic", "a", "-V", "311"}));
  CHECK_FALSE(is_refused({"-D", "publish", "content-type", "x", "-V", "311"}));
}

TEST_CASE("Topics are checked as topics, filters as filters") {
  CHECK(cli::check_topic_name("a/b"));
  CHECK_FALSE(cli::check_topic_name("a/+"));
  CHECK_FALSE(cli::check_topic_name(""));
  CHECK_FALSE(cli::check_topic_name("\xFF"));
  CHECK(cli::check_topic_filter("a/+/#"));
  CHECK_FALSE(cli::check_topic_filter("a#"));
  CHECK_FALSE(cli::check_topic_filter(std::string(201, '/')));
  CHECK(is_refused({"-L", "mqtt://h/a#"}));
}

TEST_CASE("What the tools do not have is refused by name") {
  for (const char* name : {"--tls-engine", "--tls-engine-kpass-sha1"}) {
    INFO(name);
    CHECK(Tool().parse({name, "x"}).find("not supported") != std::string::npos);
  }
}

TEST_CASE("A proxy is named by a URL of its own") {
  const auto proxy = [](const char* url) {
    return cli::client_options(options_of({"--proxy", url})).endpoint.proxy;
  };
  CHECK_FALSE(cli::client_options(options_of({})).endpoint.proxy);
  CHECK(proxy("socks5h://host")->host == "host");
  CHECK(proxy("socks5h://host")->port == 1080);
  CHECK_FALSE(proxy("socks5h://host")->user_name);
  CHECK(proxy("socks5h://[::1]:99")->host == "::1");
  CHECK(proxy("socks5h://[::1]:99")->port == 99);
  CHECK(proxy("socks5h://me%3A:p%40%25w@host")->user_name == "me:");
  CHECK(proxy("socks5h://me%3A:p%40%25w@host")->password == "p@%w");
  for (const char* url : {"socks5://host", "http://host", "host", "socks5h://", "socks5h://h:0",
                          "socks5h://h:65536", "socks5h://::1"}) {
    INFO(url);
    CHECK(is_refused({"--proxy", url}));
  }
  CHECK(is_refused({"--proxy", "socks5h://" + std::string(256, 'x') + "@host"}));
  CHECK(is_refused({"--proxy", "socks5h://host", "--unix", "/run/x"}));
}

TEST_CASE("A password may come from the first line of a file") {
  std::string path = std::filesystem::temp_directory_path() / "mqtt-password-XXXXXX";
  const int file = mkstemp(path.data());
  REQUIRE(file >= 0);
  ::close(file);
  const auto password = [&path](const char* text) {
    std::ofstream(path) << text;
    return options_of({"-u", "me", "-P", "x", "--pw-file", path}).password;
  };
  CHECK(password("secret") == "secret");
  CHECK(password("two words\r\nsecond line\n") == "two words");
  CHECK(password("") == "");
  std::filesystem::remove(path);
  CHECK(Tool().parse({"-u", "me", "--pw-file", path}).find(path) != std::string::npos);
}

TEST_CASE("The broker is named in messages as the user knows it") {
  CHECK(cli::broker_name(options_of({"-h", "x", "-p", "2000"})) == "x:2000");
  CHECK(cli::broker_name(options_of({"-h", "::1"})) == "[::1]:1883");
  CHECK(cli::broker_name(options_of({"--unix", "/run/x"})) == "/run/x");
}

TEST_CASE("With -S a broker is looked up by its service") {
  const auto endpoint_of = [](Words words) {
    return cli::client_options(options_of(std::move(words))).endpoint;
  };
  SECTION("which is another one with TLS") {
    CHECK(endpoint_of({"-S", "-h", "example.org"}).service_lookup->service == "_mqtt._tcp");
    CHECK(endpoint_of({"-S", "-h", "example.org", "--tls-use-os-certs"}).service_lookup->service ==
          "_secure-mqtt._tcp");
    CHECK(endpoint_of({"-S", "-L", "mqtts://example.org/a"}).service_lookup->service ==
          "_secure-mqtt._tcp");
    CHECK_FALSE(endpoint_of({"-h", "example.org"}).service_lookup);
  }
  SECTION("and names it in messages") {
    CHECK(cli::broker_name(options_of({"-S", "-h", "example.org"})) == "_mqtt._tcp.example.org");
  }
  SECTION("with a name server of the environment") {
    const Variable variable("MQTT_NAME_SERVER", "192.0.2.1:5353");
    CHECK(endpoint_of({"-S", "-h", "x.test"}).service_lookup->name_server == "192.0.2.1:5353");
    const Variable bad("MQTT_NAME_SERVER", "nowhere");
    CHECK(is_refused({"-S", "-h", "x.test"}));
    CHECK_FALSE(is_refused({"-h", "x.test"}));
  }
  SECTION("but not where a port or an address is given already") {
    CHECK(is_refused({"-S", "-p", "1883"}));
    CHECK(is_refused({"-p", "1883", "-S"}));
    CHECK(is_refused({"-S", "-L", "mqtt://example.org:1883/a"}));
    CHECK(is_refused({"-S", "-L", "mqtt://example.org/a", "-p", "1883"}));
    CHECK(is_refused({"-S", "-h", "192.0.2.1"}));
    CHECK(is_refused({"-S", "-h", "::1"}));
    CHECK(is_refused({"-S", "--unix", "/tmp/socket"}));
    CHECK(is_refused({"-S", "-h", "x.test", "--proxy", "socks5h://proxy"}));
  }
}

TEST_CASE("A password may come from the environment") {
  const Variable variable("MQTT_PASSWORD", "from outside");
  CHECK(cli::client_options(options_of({"-u", "ann"})).connect.password == "from outside");
  CHECK(cli::client_options(options_of({"-u", "ann", "-P", "given"})).connect.password == "given");
  SECTION("but only for a user name") {
    CHECK_FALSE(cli::client_options(options_of({})).connect.password);
  }
}
