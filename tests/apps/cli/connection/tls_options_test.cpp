#include "cli/connection/tls_options.h"

#include <CLI/CLI.hpp>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "cli/connection/connection_options.h"
#include "cli/options/command_line.h"
#include "cli/options/hex.h"

using Words = std::vector<std::string>;

namespace {

struct Tool {
  cli::ConnectionOptions options;
  std::unique_ptr<CLI::App> app = cli::make_app("mqtt-tool", "A tool", "");

  Tool() {
    cli::bind_connection_options(
        *app, options, [](const std::string&) { return cli::Verdict(); }, "Topic");
  }
  std::string parse(Words words) {
    const auto parsed = cli::parse_command_line(*app, std::move(words));
    if (!parsed) return parsed.error().text;
    const auto checked = cli::check(options);
    return checked ? "" : checked.error();
  }
};

cli::ConnectionOptions options_of(Words words) {
  Tool tool;
  REQUIRE(tool.parse(std::move(words)).empty());
  return tool.options;
}

bool is_refused(Words words) {
  return !Tool().parse(std::move(words)).empty();
}

}  // namespace

TEST_CASE("Naming whom to trust asks for TLS, on its own port") {
  for (const Words& words : {Words{"--cafile", "x"}, Words{"--capath", "x"},
                             Words{"--psk", "00", "--psk-identity", "me"}}) {
    const cli::ConnectionOptions options = options_of(words);
    CHECK(options.uses_tls());
    CHECK(options.effective_port() == 8883);
  }
  SECTION("the system's trust leaves the port as it is") {
    CHECK(options_of({"--tls-use-os-certs"}).uses_tls());
    CHECK(options_of({"--tls-use-os-certs"}).effective_port() == 1883);
  }
  SECTION("so do port 8883 and an mqtts URL, with the system's trust") {
    CHECK(options_of({"-p", "8883"}).uses_tls());
    CHECK(options_of({"-L", "mqtts://h/t"}).uses_tls());
    CHECK(options_of({"-L", "mqtts://h/t"}).effective_port() == 8883);
    CHECK(options_of({"-L", "wss://h/t"}).web_socket);
    CHECK(options_of({"-L", "wss://h/t"}).uses_tls());
  }
  SECTION("--no-tls beats them all, but not the port") {
    CHECK_FALSE(options_of({"--cafile", "x", "--no-tls"}).uses_tls());
    CHECK(options_of({"--cafile", "x", "--no-tls"}).effective_port() == 8883);
    CHECK_FALSE(options_of({"-p", "8883", "--no-tls"}).uses_tls());
  }
  SECTION("without any there is none") {
    CHECK_FALSE(options_of({}).uses_tls());
    CHECK_FALSE(options_of({"-p", "8884"}).uses_tls());
  }
}

TEST_CASE("TLS options that need or exclude each other") {
  CHECK(is_refused({"--cafile", "x", "--cert", "c"}));
  CHECK(is_refused({"--cafile", "x", "--key", "k"}));
  CHECK_FALSE(is_refused({"--cafile", "x", "--cert", "c", "--key", "k"}));
  CHECK(is_refused({"--psk", "00"}));
  CHECK(is_refused({"--psk", "00", "--psk-identity", "me", "--cafile", "x"}));
  CHECK(is_refused({"--psk", "0g", "--psk-identity", "me"}));
  CHECK(is_refused({"--cafile", "x", "--tls-version", "tlsv1.1"}));

  SECTION("details of a connection that would not be encrypted are refused") {
    CHECK(is_refused({"--cert", "c", "--key", "k"}));
    CHECK(is_refused({"--insecure"}));
    CHECK(is_refused({"--tls-version", "tlsv1.3"}));
    CHECK_FALSE(is_refused({"--insecure", "-p", "8883"}));
    CHECK_FALSE(is_refused({"--insecure", "--no-tls"}));
  }
}

TEST_CASE("Files that cannot be read are named") {
  cli::TlsOptions options;
  options.ca_file = "/nonexistent/ca.pem";
  const auto context = cli::make_tls_context(options);
  REQUIRE_FALSE(context);
  CHECK(context.error().find("/nonexistent/ca.pem") != std::string::npos);
}

TEST_CASE("Hexadecimal digits are bytes") {
  using Bytes = std::vector<std::uint8_t>;
  CHECK(cli::bytes_from_hex("00fFA1") == Bytes{0x00, 0xFF, 0xA1});
  CHECK(cli::bytes_from_hex("abc") == Bytes{0x0A, 0xBC});
  CHECK(cli::bytes_from_hex("") == std::nullopt);
  CHECK(cli::bytes_from_hex("0x00") == std::nullopt);
}
