#include "config/disk_source.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include "config/file_access.h"
#include "files/descriptor.h"
#include "files/read_to_end.h"

namespace broker {
namespace {

tl::unexpected<std::string> failure(const std::string& path, int error) {
  return tl::make_unexpected(explain_refusal(path, error, FileUse::read).text());
}

unsigned char upper(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 'a' && byte <= 'z' ? static_cast<unsigned char>(byte - 'a' + 'A') : byte;
}

bool char_before(char a, char b) {
  if (upper(a) != upper(b)) return upper(a) < upper(b);
  return static_cast<unsigned char>(a) < static_cast<unsigned char>(b);
}

}  // namespace

bool is_included_name(std::string_view name) {
  return name.size() > 5 && name.ends_with(".conf");
}

bool included_before(std::string_view a, std::string_view b) {
  return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(), char_before);
}

tl::expected<std::string, std::string> DiskSource::read(const std::string& path) {
  const files::Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  if (file.get() < 0) return failure(path, errno);
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) return failure(path, errno);
  if (S_ISDIR(status.st_mode)) return failure(path, EISDIR);

  auto bytes = files::read_to_end(file.get(), max_file_bytes);
  if (!bytes) return failure(path, bytes.error());
  return std::move(*bytes);
}

tl::expected<std::vector<std::string>, std::string> DiskSource::list(const std::string& directory) {
  std::error_code error;
  std::vector<std::string> names;
  for (std::filesystem::directory_iterator entry(directory, error), end; !error && entry != end;
       entry.increment(error)) {
    std::string name = entry->path().filename().string();
    if (is_included_name(name)) names.push_back(std::move(name));
  }
  if (error) return failure(directory, error.value());
  std::sort(names.begin(), names.end(), included_before);
  for (std::string& name : names) name.insert(0, directory + "/");
  return names;
}

}  // namespace broker
