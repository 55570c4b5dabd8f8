#include "pub/source/file_messages.h"

#include <fmt/format.h>
#include <glob.h>

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "cli/input/file_content.h"
#include "pub/source/row.h"

namespace pub {

namespace {

using Paths = tl::expected<std::vector<std::string>, std::string>;

std::string cannot_read(const std::string& path, const std::error_code& error) {
  return fmt::format("cannot read \"{}\": {}", path, error.message());
}

Paths files_in(const std::string& folder) {
  std::vector<std::string> paths;
  std::error_code error;
  for (auto entry = std::filesystem::directory_iterator(folder, error);
       !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    std::error_code ignored;
    const bool is_hidden = entry->path().filename().string().starts_with('.');
    if (!is_hidden && entry->is_regular_file(ignored)) paths.push_back(entry->path().string());
  }
  if (error) return tl::unexpected(cannot_read(folder, error));
  if (paths.empty()) return tl::unexpected(fmt::format("there is no file in \"{}\"", folder));
  std::ranges::sort(paths);
  return paths;
}

Paths files_like(const std::string& pattern) {
  glob_t found{};
  std::vector<std::string> paths;
  const int result = ::glob(pattern.c_str(), 0, nullptr, &found);
  for (std::size_t i = 0; result == 0 && i < found.gl_pathc; ++i) {
    std::error_code ignored;
    if (!std::filesystem::is_directory(found.gl_pathv[i], ignored)) {
      paths.emplace_back(found.gl_pathv[i]);
    }
  }
  ::globfree(&found);
  if (paths.empty()) return tl::unexpected(fmt::format("\"{}\" fits no file", pattern));
  return paths;
}

Paths files_of(const std::string& pattern) {
  std::error_code error;
  const auto status = std::filesystem::status(pattern, error);
  if (std::filesystem::is_directory(status)) return files_in(pattern);
  // A name that is there is taken as it is, even with a bracket in it.
  if (std::filesystem::exists(status)) return std::vector{pattern};
  return files_like(pattern);
}

}  // namespace

Paths files_of(const std::vector<std::string>& patterns) {
  std::vector<std::string> all;
  for (const std::string& pattern : patterns) {
    auto paths = files_of(pattern);
    if (!paths) return paths;
    std::ranges::move(*paths, std::back_inserter(all));
  }
  return all;
}

MessageSource::Step FileMessages::next(OutgoingMessage& message) {
  if (!error().empty()) return Step::failed;
  if (next_ == paths_.size()) return Step::end;
  const std::filesystem::path path = paths_[next_];
  auto content = cli::read_file(path.string(), cli::FileKind::regular);
  if (!content) return fail(content.error());
  content_ = std::move(*content);
  Row row;
  row.fields = {
      {"path", path.string()}, {"name", path.filename().string()}, {"stem", path.stem().string()}};
  const auto expanded = template_.expand(row);
  if (!expanded) return fail(fmt::format("{}: {}", path.string(), expanded.error()));
  ++next_;
  message = *expanded;
  message.payload = content_;
  return Step::message;
}

}  // namespace pub
