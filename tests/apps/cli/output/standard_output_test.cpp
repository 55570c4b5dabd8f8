#include "cli/output/standard_output.h"

#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <csignal>
#include <string>
#include <thread>

namespace {

struct Pipe {
  std::array<int, 2> ends{-1, -1};
  Pipe() {
    std::signal(SIGPIPE, SIG_IGN);
    REQUIRE(::pipe(ends.data()) == 0);
  }
  ~Pipe() {
    close_reader();
    ::close(ends[1]);
  }
  void close_reader() {
    if (ends[0] >= 0) ::close(ends[0]);
    ends[0] = -1;
  }
  std::size_t read_some() const {
    std::array<char, 65536> part{};
    return static_cast<std::size_t>(::read(ends[0], part.data(), part.size()));
  }
};

struct Log {
  int written = 0;
  int congested = 0;
  int closed = 0;
  cli::StandardOutput::Events events() {
    return {[this] { ++written; }, [this] { ++congested; }, [this] { ++closed; }};
  }
};

}  // namespace

TEST_CASE("What is printed is written before the loop sleeps") {
  Pipe pipe;
  mqtt::io::Loop loop;
  Log log;
  cli::StandardOutput output(loop, pipe.ends[1]);
  output.set_events(log.events());
  output.buffer() += "hello";
  loop.run_once(false);
  CHECK(pipe.read_some() == 5);
  CHECK(log.written == 1);
  CHECK(log.congested == 0);
}

TEST_CASE("The last word of a turn is written with the rest of it") {
  Pipe pipe;
  mqtt::io::Loop loop;
  cli::StandardOutput output(loop, pipe.ends[1]);
  std::size_t waiting = 0;
  output.set_events({{}, {}, {}, [&] {
                       waiting = output.waiting();
                       output.buffer() += "!";
                     }});
  output.buffer() += "hello";
  loop.run_once(false);
  CHECK(waiting == 5);
  CHECK(output.waiting() == 0);
  CHECK(pipe.read_some() == 6);
}

TEST_CASE("A reader that does not keep up is reported once, and so is its return") {
  Pipe pipe;
  mqtt::io::Loop loop;
  Log log;
  cli::StandardOutput output(loop, pipe.ends[1]);
  output.set_events(log.events());
  auto events = log.events();
  events.on_written = [&] {
    ++log.written;
    loop.stop();
  };
  output.set_events(events);
  const std::size_t size = 1'000'000;
  output.buffer().append(size, 'x');
  loop.run_once(false);
  loop.run_once(false);
  CHECK(log.congested == 1);
  CHECK(log.written == 0);

  std::size_t read = 0;
  std::thread reader([&] {
    while (read < size) read += pipe.read_some();
  });
  loop.run();  // woken up whenever the pipe has room
  reader.join();
  CHECK(read == size);
  CHECK(log.congested == 1);
  CHECK(log.written == 1);
}

TEST_CASE("A reader that goes away is noticed, whether or not anything is printed") {
  Pipe pipe;
  mqtt::io::Loop loop;
  Log log;
  cli::StandardOutput output(loop, pipe.ends[1]);
  output.set_events(log.events());
  SECTION("nothing is printed") {
    pipe.close_reader();
    loop.run_once();
    CHECK(output.state() == cli::OutputWriter::State::open);
  }
  SECTION("something is printed") {
    pipe.close_reader();
    output.buffer() += "x";
    loop.run_once(false);
    CHECK(output.state() == cli::OutputWriter::State::closed_by_reader);
  }
  loop.run_once(false);
  CHECK(log.closed == 1);
}
