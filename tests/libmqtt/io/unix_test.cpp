#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <optional>

#include "mqtt/io/unix_listener.h"
#include "mqtt/io/unix_stream.h"
#include "side.h"

namespace mqtt::io::test {
namespace {

/// A directory of its own for the length of a test.
struct TemporaryDirectory {
  TemporaryDirectory() {
    std::string pattern_path = std::filesystem::temp_directory_path() / "io-test-XXXXXX";
    REQUIRE(mkdtemp(pattern_path.data()) != nullptr);
    path = pattern_path;
  }
  ~TemporaryDirectory() { std::filesystem::remove_all(path); }
  std::filesystem::path path;
};

ListenerEvents closing_everything() {
  return {close, nullptr};
}

mode_t mode_of(const std::string& path) {
  struct stat file {};
  REQUIRE(stat(path.c_str(), &file) == 0);
  return file.st_mode & 07777;
}

}  // namespace

TEST_CASE("a client connects to a Unix socket", "[unix]") {
  const TemporaryDirectory directory;
  const std::string path = directory.path / "broker.sock";
  Loop loop;
  std::optional<Side> server;
  auto listener = UnixListener::listen(loop, path,
                                       {[&](int fd) {
                                          server.emplace(UnixStream::accept(loop, fd));
                                          server->start();
                                        },
                                        nullptr});
  REQUIRE(listener);
  Side client(UnixStream::connect(loop, path));
  client.start();
  run_until(loop, [&] { return client.open && server && server->open; });
  client.send("hello");
  run_until(loop, [&] { return server->received == "hello"; });
  CHECK(client.stream->peer().address == path);
  CHECK(server->stream->peer().address == path);
  CHECK(server->stream->peer().port == 0);
}

TEST_CASE("an attempt to connect to a Unix socket fails with the reason", "[unix]") {
  const TemporaryDirectory directory;
  std::string path = directory.path / "nobody";
  std::string reason;
  Loop loop;
  SECTION("no such file") {
    reason = "no such file or directory";
  }
  SECTION("a path too long") {
    path = std::string(200, 'x');
    reason = "name too long";
  }
  SECTION("nobody listens any more") {
    auto listener = UnixListener::listen(loop, path, closing_everything());
    REQUIRE(listener);
    std::filesystem::rename(path, path + ".old");
    path += ".old";
    listener->reset();
    reason = "connection refused";
  }
  Side client(UnixStream::connect(loop, path));
  client.start();
  run_until(loop, [&] { return client.is_over(); });
  CHECK_FALSE(client.open);
  CHECK(client.end->cause == StreamEnd::Cause::error);
  CHECK(client.end->text == reason);
}

TEST_CASE("a Unix listener looks after its file", "[unix]") {
  const TemporaryDirectory directory;
  const std::string path = directory.path / "broker.sock";
  Loop loop;
  SECTION("whose mode is what was asked for, whatever the umask") {
    const mode_t before = umask(0077);
    auto listener = UnixListener::listen(loop, path, closing_everything(), {.mode = 0762});
    umask(before);
    REQUIRE(listener);
    CHECK(mode_of(path) == 0762);
  }
  SECTION("which replaces a socket that was left over") {
    const std::string crashed = directory.path / "crashed.sock";
    auto first = UnixListener::listen(loop, crashed, closing_everything());
    REQUIRE(first);
    std::filesystem::rename(crashed, path);
    first->reset();
    REQUIRE(std::filesystem::exists(path));
    CHECK(UnixListener::listen(loop, path, closing_everything()));
  }
  SECTION("which never replaces a socket that somebody listens on") {
    auto first = UnixListener::listen(loop, path, closing_everything());
    REQUIRE(first);
    auto second = UnixListener::listen(loop, path, closing_everything());
    REQUIRE_FALSE(second);
    CHECK(second.error() == "address already in use");
    CHECK(std::filesystem::exists(path));
  }
  SECTION("and leaves one that has taken its place") {
    auto first = UnixListener::listen(loop, path, closing_everything());
    REQUIRE(first);
    std::filesystem::remove(path);
    auto second = UnixListener::listen(loop, path, closing_everything());
    REQUIRE(second);
    first->reset();
    CHECK(std::filesystem::exists(path));
  }
  SECTION("which never replaces another kind of file") {
    close(open(path.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
    auto listener = UnixListener::listen(loop, path, closing_everything());
    REQUIRE_FALSE(listener);
    CHECK(listener.error() == "address already in use");
    CHECK(std::filesystem::is_regular_file(path));
  }
  SECTION("which goes with it") {
    auto listener = UnixListener::listen(loop, path, closing_everything());
    REQUIRE(listener);
    CHECK(std::filesystem::exists(path));
    listener->reset();
    CHECK_FALSE(std::filesystem::exists(path));
  }
  SECTION("and needs a path that fits") {
    CHECK_FALSE(UnixListener::listen(loop, std::string(200, 'x'), closing_everything()));
    CHECK_FALSE(UnixListener::listen(loop, "", closing_everything()));
  }
}

}  // namespace mqtt::io::test
