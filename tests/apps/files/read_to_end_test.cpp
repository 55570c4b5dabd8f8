#include "files/read_to_end.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <cerrno>
#include <string>
#include <string_view>
#include <thread>

#include "files/descriptor.h"

namespace {

/// The reading end of a pipe, into which `text` is written and which then ends.
int pipe_with(std::string_view text, std::thread& writer) {
  std::array<int, 2> ends{};
  REQUIRE(::pipe(ends.data()) == 0);
  writer = std::thread([text, end = ends[1]] {
    const files::Descriptor closing(end);
    std::string_view left = text;
    while (!left.empty()) {
      const ssize_t written = ::write(end, left.data(), left.size());
      if (written < 0) return;
      left.remove_prefix(static_cast<std::size_t>(written));
    }
  });
  return ends[0];
}

TEST_CASE("Everything up to the end is read, in whatever pieces it comes") {
  const std::string text =
      GENERATE(std::string(), std::string("a\0b", 3), std::string(300'000, 'x'));
  std::thread writer;
  const files::Descriptor pipe(pipe_with(text, writer));
  CHECK(files::read_to_end(pipe.get(), text.size()) == text);
  writer.join();
}

TEST_CASE("More than is wanted is an error, and so is what cannot be read") {
  std::thread writer;
  const files::Descriptor pipe(pipe_with("12345", writer));
  const auto read = files::read_to_end(pipe.get(), 4);
  writer.join();
  REQUIRE_FALSE(read);
  CHECK(read.error() == EFBIG);
  const files::Descriptor folder(::open("/", O_RDONLY | O_CLOEXEC));
  CHECK(files::read_to_end(folder.get(), 4).error() == EISDIR);
  CHECK(files::read_to_end(-1, 4).error() == EBADF);
}

}  // namespace
