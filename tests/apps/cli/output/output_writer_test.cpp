#include "cli/output/output_writer.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <csignal>
#include <string>
#include <thread>

using State = cli::OutputWriter::State;

namespace {

struct Pipe {
  std::array<int, 2> ends{-1, -1};
  Pipe() { REQUIRE(::pipe(ends.data()) == 0); }
  ~Pipe() {
    close_reader();
    close_writer();
  }
  void close_reader() { close(ends[0]); }
  void close_writer() { close(ends[1]); }

  std::string read_all() const {
    std::string all;
    std::array<char, 4096> part{};
    for (ssize_t n; (n = ::read(ends[0], part.data(), part.size())) > 0;) {
      all.append(part.data(), static_cast<std::size_t>(n));
    }
    return all;
  }

 private:
  static void close(int& end) {
    if (end >= 0) ::close(end);
    end = -1;
  }
};

}  // namespace

TEST_CASE("Output waits in memory until it is flushed, and arrives whole") {
  Pipe pipe;
  cli::OutputWriter writer(pipe.ends[1]);
  const std::string large(1'000'000, 'x');  // more than a pipe holds
  writer.buffer() += large;
  CHECK(writer.waiting() == large.size());

  SECTION("to a descriptor that blocks") {}
  SECTION("to a descriptor that does not") {
    ::fcntl(pipe.ends[1], F_SETFL, O_NONBLOCK);
  }

  std::string read;
  std::thread reader([&] { read = pipe.read_all(); });
  CHECK(writer.flush() == State::open);
  CHECK(writer.waiting() == 0);
  pipe.close_writer();
  reader.join();
  CHECK((read == large));
}

TEST_CASE("What the reader does not take is kept, without waiting for it") {
  Pipe pipe;
  cli::OutputWriter writer(pipe.ends[1]);
  const std::string large(1'000'000, 'x');
  writer.buffer() += large;
  CHECK(writer.flush_ready() == State::open);
  const std::size_t left = writer.waiting();
  CHECK(left > 0);
  CHECK(left < large.size());

  CHECK(writer.flush_ready() == State::open);
  CHECK(writer.waiting() == left);

  writer.buffer() += "end";
  std::string read;
  std::thread reader([&] { read = pipe.read_all(); });
  CHECK(writer.flush() == State::open);
  pipe.close_writer();
  reader.join();
  CHECK((read == large + "end"));
}

TEST_CASE("A reader that went away is told from a device that fails") {
  std::signal(SIGPIPE, SIG_IGN);
  SECTION("the far end of the pipe is closed") {
    Pipe pipe;
    pipe.close_reader();
    cli::OutputWriter writer(pipe.ends[1]);
    CHECK(writer.flush() == State::open);  // nothing to write: nobody has noticed
    writer.buffer() += "x";
    CHECK(writer.flush() == State::closed_by_reader);
    writer.buffer() += "y";
    CHECK(writer.flush() == State::closed_by_reader);
  }
  SECTION("the disk is full") {
    const int full = ::open("/dev/full", O_WRONLY);
    REQUIRE(full >= 0);
    cli::OutputWriter writer(full);
    writer.buffer() += "x";
    CHECK(writer.flush() == State::failed);
    CHECK_FALSE(writer.error().empty());
    ::close(full);
  }
}
