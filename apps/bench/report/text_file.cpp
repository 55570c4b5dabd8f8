#include "bench/report/text_file.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>

namespace bench {
namespace {

tl::expected<void, std::string> write_all(std::FILE* file, const std::string& path,
                                          const std::string& text) {
  if (std::fwrite(text.data(), 1, text.size(), file) == text.size() && std::fflush(file) == 0) {
    return {};
  }
  return tl::unexpected(cannot("write", path));
}

/// Whether the path may be replaced by a file of that name: not a device, a pipe or a link.
bool is_replaceable(const std::string& path) {
  struct stat status {};
  return lstat(path.c_str(), &status) != 0 || S_ISREG(status.st_mode);
}

tl::expected<void, std::string> write_in_place(const std::string& path, const std::string& text) {
  std::FILE* file = std::fopen(path.c_str(), "we");
  if (file == nullptr) return tl::unexpected(cannot("write", path));
  auto written = write_all(file, path, text);
  if (std::fclose(file) != 0 && written) return tl::unexpected(cannot("write", path));
  return written;
}

}  // namespace

tl::expected<void, std::string> write_file(const std::string& path, const std::string& text) {
  if (path == "-") return write_all(stdout, path, text);
  if (!is_replaceable(path)) return write_in_place(path, text);
  const std::string unfinished = fmt::format("{}.{}.part", path, getpid());
  auto written = write_in_place(unfinished, text);
  if (written && std::rename(unfinished.c_str(), path.c_str()) == 0) return {};
  const std::string message = cannot("write", path);
  std::remove(unfinished.c_str());
  return tl::unexpected(message);
}

tl::expected<std::string, std::string> read_file(const std::string& path, std::size_t most) {
  std::FILE* file = std::fopen(path.c_str(), "re");
  if (file == nullptr) return tl::unexpected(cannot("read", path));
  std::string text;
  std::array<char, 16 * 1024> piece{};
  std::size_t length = 0;
  do {
    length = std::fread(piece.data(), 1, piece.size(), file);
    text.append(piece.data(), length);
  } while (length != 0 && text.size() <= most);
  const bool failed = std::ferror(file) != 0;
  const std::string message = cannot("read", path);
  std::fclose(file);
  if (failed) return tl::unexpected(message);
  if (text.size() <= most) return text;
  return tl::unexpected(fmt::format("\"{}\" is longer than {} bytes", path, most));
}

bool exists(const std::string& path) {
  return access(path.c_str(), F_OK) == 0;
}

std::string cannot(const char* verb, const std::string& path) {
  return fmt::format("cannot {} \"{}\": {}", verb, path, std::strerror(errno));
}

}  // namespace bench
