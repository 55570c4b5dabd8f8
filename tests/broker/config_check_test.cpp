#include "config_check.h"

#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "log/log.h"
#include "mqtt/io/listening_socket.h"
#include "support/certificates.h"
#include "support/scratch_folder.h"

using broker::ExitCode;
using broker::ExitRequest;
using broker::Options;

namespace {

ExitRequest checked(const Options& options) {
  return check_configuration(read_configuration(options), options.verbose);
}

/// The files of a listener that speaks TLS.
struct Certificates {
  explicit Certificates(const test::ScratchFolder& folder) {
    mqtt::test::Authority authority;
    const mqtt::test::Identity identity = authority.issue("CN=localhost");
    certificate = folder.file("server.pem", identity.certificate);
    key = folder.file("server.key", identity.key);
    other_key = folder.file("other.key", authority.issue("CN=other").key);
  }
  std::string lines() const { return "certfile " + certificate + "\nkeyfile " + key + "\n"; }

  std::string certificate;
  std::string key;
  std::string other_key;
};

/// Of a listener that nobody else has.
std::string free_listener() {
  const auto socket =
      mqtt::io::ListeningSocket::on_address(*mqtt::io::SocketAddress::parse("127.0.0.1", 0), {});
  REQUIRE(socket);
  return "listener " + std::to_string(socket->address().port()) + " 127.0.0.1\n";
}

}  // namespace

TEST_CASE("Checking a configuration finds what a start would, and changes nothing") {
  using Catch::Contains;
  Options options;
  options.test_config = true;
  const test::ScratchFolder folder;
  const auto check = [&](const std::string& text) {
    options.config_files = {folder.file("main.conf", text)};
    return checked(options);
  };
  const std::string main = (folder.path() / "main.conf").string();
  const std::string listener = free_listener();

  SECTION("a good one ends in success, without a word on standard error") {
    const ExitRequest result = check(listener);
    CHECK(result.code == ExitCode::success);
    CHECK(result.text == "The configuration is valid.\n");
    CHECK(result.warnings.empty());
  }
  SECTION("a bad one in code 3, with every error") {
    const ExitRequest result = check("max_qos 7\nnonsense\n");
    CHECK(result.code == ExitCode::configuration);
    CHECK_THAT(result.text, Contains(main + ":1: max_qos") && Contains(":2: unknown key"));
  }
  SECTION("an error in one included file hides nothing in another") {
    std::filesystem::create_directory(folder.path() / "d");
    folder.file("d/1.conf", "max_qos 7\n");
    const std::string second =
        folder.file("d/2.conf", "password_file " + folder.file("passwords", "bob:plain\n") + "\n" +
                                    listener + "certfile /nowhere/c\nkeyfile /nowhere/k\n");
    const ExitRequest result = check("include_dir " + (folder.path() / "d").string() + "\n");
    CHECK(result.code == ExitCode::configuration);
    CHECK_THAT(result.text, Contains("d/1.conf:1: max_qos") && Contains("passwords:1: ") &&
                                Contains("(password_file at " + second + ":1)") &&
                                Contains(second + ":3: certfile /nowhere/c: No such file"));
  }
  SECTION("warnings are printed, and more where that is asked for") {
    const std::string text = listener + "crlfile /nowhere/crl\nauto_id_prefix a\n";
    ExitRequest result = check(text);
    CHECK(result.code == ExitCode::success);
    CHECK_THAT(result.warnings, Contains("Warning: " + main + ":2: crlfile has no effect"));
    CHECK_THAT(result.warnings, !Contains("deprecated"));
    options.verbose = true;
    CHECK_THAT(check(text).warnings, Contains("Note: ") && Contains("deprecated"));
  }
  SECTION("the same listener twice, also where the addresses are written in two ways") {
    const std::string port = listener.substr(9, listener.find(' ', 9) - 9);
    const std::vector<std::string> ways{listener, "listener " + port + "\n",
                                        "bind_address 127.0.0.1\nport " + port + "\n"};
    const std::string& second = ways[GENERATE(0U, 1U, 2U)];
    CAPTURE(second);
    const ExitRequest result = check(listener + second);
    CHECK(result.code == ExitCode::start_failed);
    CHECK_THAT(result.text, Contains(main + ":2: listener " + port) &&
                                Contains("is taken by " + main + ":1: listener " + port));
    SECTION("or a path") {
      const std::string path = "listener 0 " + (folder.path() / "socket").string() + "\n";
      CHECK_THAT(check(path + path).text, Contains("is taken by " + main + ":1: listener 0"));
    }
  }
  SECTION("an address in use may be the running broker's: a warning") {
    const auto other =
        mqtt::io::ListeningSocket::on_address(*mqtt::io::SocketAddress::parse("127.0.0.1", 0), {});
    REQUIRE(other);
    const std::string port = std::to_string(other->address().port());
    const ExitRequest result = check("listener " + port + " 127.0.0.1\n");
    CHECK(result.code == ExitCode::success);
    CHECK_THAT(result.warnings,
               Contains(main + ":1: listener " + port) && Contains("address already in use"));
  }
  SECTION("an interface and a host that are not there") {
    CHECK_THAT(check("listener 1883\nbind_interface no-such-if0\n").text,
               Contains(main + ":2: bind_interface no-such-if0: "));
    CHECK_THAT(check("listener 1883 192.0.2.1\n").text,
               Contains(main + ":1: listener 1883 192.0.2.1: ") &&
                   Contains("no network interface of this machine has this address"));
  }
  SECTION("the files that it names stay as they are, and what cannot be a pid file is none") {
    const std::string victim = folder.file("victim", "precious");
    const ExitRequest result =
        check(listener + "pid_file " + victim + "\nlog_dest file " + victim + "\n");
    CHECK(result.code == ExitCode::environment);
    CHECK_THAT(result.text, Contains(main + ":2: pid_file " + victim + ": "));
    std::string text;
    std::getline(std::ifstream(victim), text);
    CHECK(text == "precious");
    const std::string fresh = (folder.path() / "fresh").string();
    CHECK(check(listener + "pid_file " + fresh + "\nlog_dest file " + fresh + "log\n").code ==
          ExitCode::success);
    CHECK_FALSE(std::filesystem::exists(fresh));
    CHECK_FALSE(std::filesystem::exists(fresh + "log"));
  }
  SECTION("a log file that cannot be opened does not stop a start: a warning") {
    const ExitRequest result = check(listener + "log_dest file /nowhere/log\n");
    CHECK(result.code == ExitCode::success);
    CHECK_THAT(result.warnings,
               Contains(main + ":2: log_dest file /nowhere/log: No such file") &&
                   Contains("; the broker would run and log only errors, to standard error"));
  }
  SECTION("which log files are warned of is what the log itself finds") {
    const std::string path = (folder.path() / "log").string();
    const auto agree = [&](bool usable) {
      options.config_files = {folder.file("main.conf", listener + "log_dest file " + path + "\n")};
      const auto reading = read_configuration(options);
      const ExitRequest result = check_configuration(reading, false);
      CHECK(result.code == ExitCode::success);
      CHECK(result.warnings.empty() == usable);
      CHECK(broker::Log().configure(reading.loaded.config.log) == usable);
    };
    SECTION("a new one") {
      agree(true);
    }
    SECTION("one from before") {
      folder.file("log", "a line\n");
      agree(true);
    }
    SECTION("a symbolic link") {
      std::filesystem::create_symlink(folder.file("elsewhere", ""), path);
      agree(false);
    }
    SECTION("a folder") {
      std::filesystem::create_directory(path);
      agree(false);
    }
    SECTION("a pipe that nobody reads") {
      REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
      agree(false);
    }
  }
  SECTION("a folder that a service manager makes is missed with a warning, others are an error") {
    CHECK(check(listener + "pid_file /run/no-such-folder/pid\n").code == ExitCode::success);
    CHECK(check(listener + "pid_file /nowhere/pid\n").code == ExitCode::environment);
  }
  SECTION("a key log is not made") {
    const Certificates certificates(folder);
    options.tls_key_log_file = (folder.path() / "keys").string();
    CHECK(check(listener + certificates.lines()).code == ExitCode::success);
    CHECK_FALSE(std::filesystem::exists(options.tls_key_log_file));
    options.tls_key_log_file = "/nowhere/keys";
    CHECK_THAT(check(listener + certificates.lines()).text,
               Contains("--tls-keylog /nowhere/keys: "));
  }
  SECTION("certificates and keys are loaded, and what is wrong is said in the words of the file") {
    const Certificates certificates(folder);
    const std::string certificate = certificates.certificate, key = certificates.key;
    const auto with = [&](const std::string& certfile, const std::string& keyfile) {
      return check(listener + "certfile " + certfile + "\nkeyfile " + keyfile + "\n").text;
    };
    CHECK(with(certificate, key) == "The configuration is valid.\n");
    CHECK_THAT(with(key, certificate),
               Contains(main + ":2: certfile " + key +
                        ": holds a private key and no certificate (are certfile and keyfile "
                        "exchanged?)"));
    CHECK_THAT(with(certificate, certificates.other_key),
               Contains(main + ":3: keyfile " + certificates.other_key +
                        ": is not the key of certificate \"" + certificate + "\""));
    CHECK_THAT(with(certificate, "/nowhere/k"),
               Contains(main + ":3: keyfile /nowhere/k: No such file or directory"));
    CHECK_THAT(check(listener + certificates.lines() + "ciphers NONE-SUCH\n").text,
               Contains(main + ":4: ciphers NONE-SUCH: no cipher match"));
  }
}
