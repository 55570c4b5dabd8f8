#include "cli/input/input_reader.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <cstdio>
#include <string>

#include "cli/input/descriptor_watch.h"

namespace {

struct Pipe {
  std::array<int, 2> ends{-1, -1};
  Pipe() { REQUIRE(::pipe(ends.data()) == 0); }
  ~Pipe() {
    close(ends[0]);
    close(ends[1]);
  }
  void write(const std::string& text) const {
    REQUIRE(::write(ends[1], text.data(), text.size()) == static_cast<ssize_t>(text.size()));
  }
  static void close(int& end) {
    if (end >= 0) ::close(end);
    end = -1;
  }
};

/// Reads all of a descriptor on a loop.
std::string read_all(int descriptor, int pauses = 0) {
  mqtt::io::Loop loop;
  std::string all;
  cli::InputReader* self = nullptr;
  cli::InputReader reader(loop, descriptor, [&] {
    const std::string_view part = self->read();
    all += part;
    if (part.empty()) return loop.stop();
    if (pauses-- > 0) {
      self->pause();
      self->resume();
    }
  });
  self = &reader;
  reader.resume();
  loop.run();
  CHECK(reader.error().empty());
  return all;
}

}  // namespace

TEST_CASE("Input is read to its end, from whatever it is") {
  SECTION("a pipe, which stays blocking") {
    Pipe pipe;
    pipe.write("hello");
    Pipe::close(pipe.ends[1]);
    CHECK(read_all(pipe.ends[0], 1) == "hello");
    CHECK((::fcntl(pipe.ends[0], F_GETFL) & O_NONBLOCK) == 0);
  }
  SECTION("a file") {
    std::FILE* const file = std::tmpfile();
    const std::string content(200'000, 'x');
    std::fwrite(content.data(), 1, content.size(), file);
    std::rewind(file);
    CHECK((read_all(::fileno(file), 2) == content));
    std::fclose(file);
  }
  SECTION("nothing at all") {
    const int null = ::open("/dev/null", O_RDONLY);
    CHECK(read_all(null).empty());
    ::close(null);
  }
}

TEST_CASE("An input that cannot be read is an error, not an end") {
  mqtt::io::Loop loop;
  const int folder = ::open("/", O_RDONLY);
  cli::InputReader reader(loop, folder, [] {});
  CHECK(reader.read().empty());
  CHECK_FALSE(reader.error().empty());
  ::close(folder);
}

TEST_CASE("A watch of an output tells when its reader has gone") {
  mqtt::io::Loop loop;
  Pipe pipe;
  bool gone = false;
  cli::DescriptorWatch watch(loop, pipe.ends[1], 0, [&] {
    gone = true;
    watch.stop();
  });
  REQUIRE(watch.can_wait());
  watch.start();
  loop.run_once(false);
  CHECK_FALSE(gone);
  Pipe::close(pipe.ends[0]);
  loop.run();  // ends when nothing is watched any more
  CHECK(gone);
}

TEST_CASE("There is nothing to wait for at a file") {
  mqtt::io::Loop loop;
  std::FILE* const file = std::tmpfile();
  cli::DescriptorWatch watch(loop, ::fileno(file), 0, [] {});
  CHECK_FALSE(watch.can_wait());
  std::fclose(file);
}
