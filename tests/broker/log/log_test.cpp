#include "log/log.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <syslog.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "log/json_line.h"

using broker::Log;
using broker::LogSettings;
using broker::LogType;
using broker::LogTypes;

namespace {

/// A directory that is gone when the test is.
class Directory {
 public:
  Directory() {
    std::string name = (std::filesystem::temp_directory_path() / "log_test_XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  ~Directory() { std::filesystem::remove_all(path_); }
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;

  std::string file(const char* name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

std::string contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::vector<std::string> lines(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> result;
  for (std::string line; std::getline(stream, line);) result.push_back(line);
  return result;
}

std::int64_t fixed_clock() {
  return 1'700'000'000'042;
}

LogSettings to_file(const std::string& path) {
  LogSettings settings;
  settings.to_stderr = false;
  settings.file = path;
  return settings;
}

/// Standard error as a pipe, as long as this lives.
class CapturedStderr {
 public:
  CapturedStderr() : saved_(::dup(STDERR_FILENO)) {
    REQUIRE(::pipe2(pipe_.data(), O_CLOEXEC | O_NONBLOCK) == 0);
    REQUIRE(::dup2(pipe_[1], STDERR_FILENO) == STDERR_FILENO);
  }
  ~CapturedStderr() {
    ::dup2(saved_, STDERR_FILENO);
    ::close(saved_);
    ::close(pipe_[0]);
    ::close(pipe_[1]);
  }
  CapturedStderr(const CapturedStderr&) = delete;
  CapturedStderr& operator=(const CapturedStderr&) = delete;

  /// Everything written so far.
  std::string take() {
    std::string text;
    std::array<char, 4096> chunk{};
    for (;;) {
      const ssize_t got = ::read(pipe_[0], chunk.data(), chunk.size());
      if (got <= 0) return text;
      text.append(chunk.data(), static_cast<std::size_t>(got));
    }
  }

  /// Leaves no room, as a reader that has stopped would.
  void fill() {
    const std::string block(4096, '.');
    while (::write(pipe_[1], block.data(), block.size()) > 0) {
    }
    while (::write(pipe_[1], ".", 1) > 0) {
    }
  }

 private:
  int saved_;
  std::array<int, 2> pipe_{};
};

/// Counts how often it is formatted.
struct Costly {
  int* formatted;
};

}  // namespace

template <>
struct fmt::formatter<Costly> {
  constexpr auto parse(format_parse_context& context) { return context.begin(); }
  auto format(const Costly& value, format_context& context) const {
    ++*value.formatted;
    return context.out();
  }
};

TEST_CASE("A line as JSON is one object") {
  const Directory directory;
  LogSettings settings = to_file(directory.file("log"));
  settings.format = broker::LogFormat::json;
  settings.types = LogTypes::all();
  Log log(fixed_clock);
  REQUIRE(log.configure(settings));
  log.notice("plain");
  log.error("a \"quoted\" back\\slash\nand a {}", "line\tend");
  const auto written = lines(contents(directory.file("log")));
  REQUIRE(written.size() == 2);
  CHECK(written[0] == R"({"time":1700000000.042,"level":"notice","type":"notice","text":"plain"})");
  CHECK(
      written[1] ==
      R"({"time":1700000000.042,"level":"error","type":"error","text":"a \"quoted\" back\\slash\nand a line\tend"})");

  SECTION("whatever bytes its text has") {
    std::string bytes;
    for (int byte = 1; byte < 256; ++byte) bytes += static_cast<char>(byte);
    log.notice("{}", bytes + "\xC3\xA9" + '\0' + "\xF0\x9F");
    const std::string text = lines(contents(directory.file("log"))).back();
    CHECK(text.find("\\u0001\\u0002") != std::string::npos);
    CHECK(text.find("\\u007f\xEF\xBF\xBD") == std::string::npos);  // DEL may stand in JSON as it is
    CHECK(text.find("\x7F\xEF\xBF\xBD") != std::string::npos);     // and 0x80 is no character
    CHECK(text.ends_with("\xC3\xA9\\u0000\xEF\xBF\xBD\"}"));
  }
  SECTION("whose text is cut where a line is") {
    log.notice("{}\u00e9", std::string(Log::max_line_bytes - 1, '"'));
    const std::string text = lines(contents(directory.file("log"))).back();
    CHECK(text.ends_with(R"(\""})"));
    const std::string empty =
        R"({"time":1700000000.042,"level":"notice","type":"notice","text":""})";
    CHECK(text.size() == empty.size() + 2 * (Log::max_line_bytes - 1));
  }
  SECTION("with what it is about as members of their own") {
    log.write(
        LogType::subscribe,
        broker::LogFields{.client = "c", .user = "u", .address = "::1", .port = 7, .reason = "r"},
        "text");
    CHECK(lines(contents(directory.file("log"))).back() ==
          R"({"time":1700000000.042,"level":"notice","type":"subscribe","client":"c","user":"u",)"
          R"("address":"::1","port":7,"reason":"r","text":"text"})");
  }
  SECTION("whose members are bounded, and hold any bytes") {
    log.write(LogType::notice, broker::LogFields{.client = std::string(100'000, 'c')}, "text");
    CHECK(lines(contents(directory.file("log")))
              .back()
              .find("\"" + std::string(broker::max_field_bytes, 'c') + "\"") != std::string::npos);
    log.write(LogType::notice, broker::LogFields{.user = "a\n\"\xFF"}, "text");
    CHECK(lines(contents(directory.file("log"))).back().find("\"user\":\"a\\n\\\"\xEF\xBF\xBD\"") !=
          std::string::npos);
  }
}

TEST_CASE("Lines go to syslog with their level and facility") {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strcpy(address.sun_path, "/dev/log");
  const int socket = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    ::close(socket);
    WARN("this system has a log of its own, or does not let us stand in for it");
    return;
  }
  LogSettings settings;
  settings.to_stderr = false;
  settings.to_syslog = true;
  settings.timestamp = false;
  const auto received = [socket] {
    std::array<char, 2000> bytes{};
    const ssize_t size = ::recv(socket, bytes.data(), bytes.size(), 0);
    return std::string(bytes.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
  };
  Log log;
  SECTION("of daemons") {
    log.configure(settings);
    log.error("broken");
    const std::string line = received();
    CHECK(line.starts_with("<27>"));  // LOG_DAEMON, LOG_ERR
    CHECK(line.find("mqtt-broker[" + std::to_string(::getpid()) + "]: broken") !=
          std::string::npos);
  }
  SECTION("of a local one") {
    settings.syslog_local_facility = std::uint8_t{3};
    log.configure(settings);
    log.information("fine");
    CHECK(received().starts_with("<158>"));  // LOG_LOCAL3, LOG_INFO
  }
  ::closelog();
  ::close(socket);
  ::unlink("/dev/log");
}

TEST_CASE("A line is a stamp, a colon and the text") {
  const Directory directory;
  const std::string path = directory.file("log");
  LogSettings settings = to_file(path);

  SECTION("with Unix seconds when no format is given") {
    Log log(fixed_clock);
    REQUIRE(log.configure(settings));
    log.notice("{} connected with {} packets", "client", 3);
    CHECK(contents(path) == "1700000000: client connected with 3 packets\n");
  }
  SECTION("with strftime's text in local time when a format is given") {
    ::setenv("TZ", "UTC", 1);
    ::tzset();
    settings.timestamp_format = "%Y-%m-%dT%H:%M:%S";
    Log log(fixed_clock);
    REQUIRE(log.configure(settings));
    log.notice("hello");
    CHECK(contents(path) == "2023-11-14T22:13:20: hello\n");
  }
  SECTION("with a fixed text when strftime yields nothing") {
    settings.timestamp_format = std::string(300, 'x');  // longer than any stamp may be
    Log log(fixed_clock);
    REQUIRE(log.configure(settings));
    log.notice("hello");
    CHECK(contents(path) == "Time error: hello\n");
  }
  SECTION("without a stamp when stamps are off") {
    settings.timestamp = false;
    Log log(fixed_clock);
    REQUIRE(log.configure(settings));
    log.notice("hello");
    CHECK(contents(path) == "hello\n");
  }
}

TEST_CASE("A line can show its level") {
  const Directory directory;
  LogSettings settings = to_file(directory.file("log"));
  settings.types = LogTypes::all();
  settings.show_level = true;
  Log log(fixed_clock);
  REQUIRE(log.configure(settings));
  log.error("e");
  log.warning("w");
  log.notice("n");
  log.information("i");
  log.debug("d");
  log.write(LogType::subscribe, "s");
  log.write(LogType::unsubscribe, "u");
  CHECK(contents(directory.file("log")) ==
        "1700000000: error: e\n1700000000: warning: w\n1700000000: notice: n\n"
        "1700000000: info: i\n1700000000: debug: d\n1700000000: notice: s\n"
        "1700000000: notice: u\n");
}

TEST_CASE("A tab at the beginning stays: the line belongs to the one before") {
  const Directory directory;
  Log log(fixed_clock);
  REQUIRE(log.configure(to_file(directory.file("log"))));
  log.notice("\ta\tb");
  CHECK(contents(directory.file("log")) == "1700000000: \ta b\n");
}

TEST_CASE("The stamp follows the clock") {
  static std::int64_t now = 100'000;
  const Directory directory;
  const std::string path = directory.file("log");
  Log log([] { return now; });
  REQUIRE(log.configure(to_file(path)));
  log.notice("a");
  now = 101'000;
  log.notice("b");
  CHECK(contents(path) == "100: a\n101: b\n");
}

TEST_CASE("Only the types that are switched on are written") {
  const Directory directory;
  const std::string path = directory.file("log");
  Log log(fixed_clock);
  LogSettings settings = to_file(path);
  settings.timestamp = false;

  SECTION("error, warning, notice and information are on without configuration") {
    REQUIRE(log.configure(settings));
    log.error("e");
    log.warning("w");
    log.notice("n");
    log.information("i");
    log.debug("d");
    log.write(LogType::subscribe, "s");
    log.write(LogType::unsubscribe, "u");
    log.write(LogType::websockets, "ws");
    log.write(LogType::internal, "x");
    CHECK(contents(path) == "e\nw\nn\ni\n");
  }
  SECTION("each type can be on alone") {
    settings.types = LogTypes{LogType::subscribe};
    REQUIRE(log.configure(settings));
    log.error("e");
    log.write(LogType::subscribe, "s");
    CHECK(contents(path) == "s\n");
  }
  SECTION("a line of a type that is off is not formatted") {
    int formatted = 0;
    REQUIRE(log.configure(settings));
    log.debug("{}", Costly{&formatted});
    CHECK(formatted == 0);
    log.notice("{}", Costly{&formatted});
    CHECK(formatted == 1);
  }
  SECTION("nothing is wanted when there is no destination") {
    settings.file.clear();
    settings.types = LogTypes::all();
    REQUIRE(log.configure(settings));
    CHECK_FALSE(log.wants(LogType::error));
  }
}

TEST_CASE("A line is bounded and stays one line") {
  const Directory directory;
  const std::string path = directory.file("log");
  Log log(fixed_clock);
  LogSettings settings = to_file(path);

  SECTION("it is cut at its longest length, the stamp included") {
    REQUIRE(log.configure(settings));
    log.notice("{}", std::string(5000, 'a'));
    const std::string text = contents(path);
    CHECK(text.size() == Log::max_line_bytes + 1);
    CHECK(text.starts_with("1700000000: aaa"));
    CHECK(text.ends_with("a\n"));
  }
  SECTION("a text that just fits is whole") {
    settings.timestamp = false;
    REQUIRE(log.configure(settings));
    const std::string longest(Log::max_line_bytes, 'b');
    log.notice("{}", longest);
    CHECK(contents(path) == longest + "\n");
  }
  SECTION("a character of several bytes is not cut in two") {
    settings.timestamp = false;
    REQUIRE(log.configure(settings));
    const std::string most(Log::max_line_bytes - 1, 'c');
    log.notice("{}{}", most, "\u00e9\u00e9\u00e9\u00e9");
    CHECK(contents(path) == most + "\n");
  }
  SECTION("control characters become spaces, so no text starts a line of its own") {
    settings.timestamp = false;
    REQUIRE(log.configure(settings));
    log.notice("{}", "evil\n1700000000: forged\x1b[2J\x7f");
    CHECK(contents(path) == "evil 1700000000: forged [2J \n");
  }
}

TEST_CASE("The log file") {
  const Directory directory;
  const std::string path = directory.file("log");
  Log log(fixed_clock);
  LogSettings settings = to_file(path);
  settings.timestamp = false;

  SECTION("is created for its owner alone") {
    REQUIRE(log.configure(settings));
    struct stat status {};
    REQUIRE(::stat(path.c_str(), &status) == 0);
    CHECK((status.st_mode & 0777U) == 0600U);
  }
  SECTION("is appended to") {
    std::ofstream(path) << "before\n";
    REQUIRE(log.configure(settings));
    log.notice("after");
    CHECK(contents(path) == "before\nafter\n");
  }
  SECTION("is written anew after it was moved away and the log reopened") {
    REQUIRE(log.configure(settings));
    log.notice("old");
    std::filesystem::rename(path, directory.file("rotated"));
    log.notice("old too");
    REQUIRE(log.reopen());
    log.notice("new");
    CHECK(contents(directory.file("rotated")) == "old\nold too\n");
    CHECK(contents(path) == "new\n");
  }
}

TEST_CASE("When the log file cannot be opened, errors go to standard error") {
  const Directory directory;
  const std::string path = directory.file("log");
  CapturedStderr captured;
  Log log(fixed_clock);
  LogSettings settings = to_file(path);
  settings.types = LogTypes::all();

  SECTION("because its directory does not exist") {
    settings.file = directory.file("absent") + "/log";
  }
  SECTION("because it is a symbolic link") {
    std::ofstream(directory.file("target")) << "";
    std::filesystem::create_symlink(directory.file("target"), path);
  }
  SECTION("because it is a directory") {
    std::filesystem::create_directory(path);
  }
  SECTION("because it is a FIFO") {
    REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
  }
  SECTION("because it is a device") {
    settings.file = "/dev/null";
  }

  CHECK_FALSE(log.configure(settings));
  const std::string reason = captured.take();
  CHECK(reason.find(settings.file) != std::string::npos);
  CHECK(lines(reason).size() == 1);

  log.warning("not shown");
  log.error("shown");
  CHECK(captured.take() == "1700000000: shown\n");
}

TEST_CASE("Errors go to standard error only until a configuration works again") {
  const Directory directory;
  CapturedStderr captured;
  Log log(fixed_clock);
  REQUIRE_FALSE(log.configure(to_file(directory.file("absent") + "/log")));
  captured.take();
  REQUIRE(log.configure(to_file(directory.file("log"))));
  log.warning("in the file");
  CHECK(captured.take().empty());
  CHECK(contents(directory.file("log")) == "1700000000: in the file\n");
}

TEST_CASE("A symbolic link is followed where the operator allows it") {
  const Directory directory;
  std::filesystem::create_symlink(directory.file("target"), directory.file("link"));
  LogSettings settings = to_file(directory.file("link"));
  settings.file_may_be_symlink = true;
  Log log(fixed_clock);
  REQUIRE(log.configure(settings));
  log.notice("through");
  CHECK(contents(directory.file("target")) == "1700000000: through\n");
}

TEST_CASE("Before it is configured the log goes to standard error") {
  CapturedStderr captured;
  Log log(fixed_clock);
  log.notice("early");
  log.debug("not");
  CHECK(captured.take() == "1700000000: early\n");
}

TEST_CASE("Several destinations get the same line") {
  const Directory directory;
  const std::string path = directory.file("log");
  CapturedStderr captured;
  Log log(fixed_clock);
  LogSettings settings = to_file(path);
  settings.to_stderr = true;
  REQUIRE(log.configure(settings));
  log.notice("both");
  CHECK(captured.take() == "1700000000: both\n");
  CHECK(contents(path) == "1700000000: both\n");
}

TEST_CASE("A destination that nobody reads loses lines, not the broker's time") {
  CapturedStderr captured;
  Log log(fixed_clock);
  captured.fill();

  log.notice("lost");
  log.notice("lost");
  log.notice("lost");
  CHECK(log.lost_lines() == 3);

  SECTION("and when it is read again, the next line says how many are missing") {
    captured.take();
    log.notice("back");
    CHECK(captured.take() ==
          "1700000000: 3 log lines could not be written here\n1700000000: back\n");
    log.notice("as before");
    CHECK(captured.take() == "1700000000: as before\n");
    CHECK(log.lost_lines() == 3);
  }
}

TEST_CASE("Lines of several threads never mix, even while the log is reopened") {
  const Directory directory;
  const std::string path = directory.file("log");
  Log log(fixed_clock);
  LogSettings settings = to_file(path);
  settings.timestamp = false;
  REQUIRE(log.configure(settings));

  constexpr int writers = 4;
  constexpr int lines_each = 500;
  std::vector<std::thread> threads;
  for (int writer = 0; writer < writers; ++writer) {
    threads.emplace_back([&log, writer] {
      for (int i = 0; i < lines_each; ++i) {
        log.notice("{}", std::string(100, static_cast<char>('a' + writer)));
      }
    });
  }
  for (int i = 0; i < 20; ++i) REQUIRE(log.reopen());
  for (std::thread& thread : threads) thread.join();

  const std::vector<std::string> written = lines(contents(path));
  CHECK(written.size() == writers * lines_each);
  for (const std::string& line : written) {
    REQUIRE(line.size() == 100);
    REQUIRE(line.find_first_not_of(line.front()) == std::string::npos);
  }
}

namespace {

/// What the log gives to its clients' topics.
struct Topics final : Log::TopicSink {
  void take(LogType type, std::string_view line) override { lines.emplace_back(type, line); }
  std::vector<std::pair<LogType, std::string>> lines;
};

}  // namespace

TEST_CASE("Lines go to topics in the form of the settings") {
  LogSettings settings;
  settings.to_stderr = false;
  settings.to_topic = true;
  settings.types = LogTypes::all();
  Log log(fixed_clock);
  Topics topics;
  using Lines = decltype(topics.lines);
  SECTION("those of the types that have one") {
    REQUIRE(log.configure(settings));
    log.set_topic_sink(&topics);
    log.error("e");
    log.warning("w");
    log.notice("n");
    log.information("i");
    log.write(LogType::subscribe, "s");
    log.write(LogType::unsubscribe, "u");
    for (const LogType type : {LogType::debug, LogType::internal, LogType::websockets}) {
      CHECK_FALSE(log.wants(type));
      log.write(type, "x");
    }
    CHECK(topics.lines == Lines{{LogType::error, "1700000000: e"},
                                {LogType::warning, "1700000000: w"},
                                {LogType::notice, "1700000000: n"},
                                {LogType::information, "1700000000: i"},
                                {LogType::subscribe, "1700000000: s"},
                                {LogType::unsubscribe, "1700000000: u"}});
  }
  SECTION("debug lines still go to other destinations") {
    const Directory directory;
    settings.file = directory.file("log");
    REQUIRE(log.configure(settings));
    log.set_topic_sink(&topics);
    log.debug("d");
    CHECK(contents(settings.file) == "1700000000: d\n");
    CHECK(topics.lines.empty());
  }
  SECTION("as JSON") {
    settings.format = broker::LogFormat::json;
    REQUIRE(log.configure(settings));
    log.set_topic_sink(&topics);
    log.notice("n");
    CHECK(topics.lines ==
          Lines{{LogType::notice,
                 R"({"time":1700000000.042,"level":"notice","type":"notice","text":"n"})"}});
  }
  SECTION("unless they are about lines on topics, or nobody makes messages") {
    REQUIRE(log.configure(settings));
    log.notice("before");
    log.set_topic_sink(&topics);
    {
      const Log::NotToTopics outer;
      {
        const Log::NotToTopics inner;
        log.notice("echo");
      }
      log.notice("echo");
      std::thread([&log] { log.notice("of another thread"); }).join();
    }
    log.notice("after");
    log.set_topic_sink(nullptr);
    log.notice("too late");
    CHECK(topics.lines == Lines{{LogType::notice, "1700000000: of another thread"},
                                {LogType::notice, "1700000000: after"}});
    CHECK(log.lost_lines() == 0);
  }
}
