#pragma once

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstddef>
#include <fstream>
#include <string>
#include <vector>

#include "support/scratch_folder.h"

namespace test {

/// A broker's log in a file, to be read when the broker has stopped.
struct LogFile {
  ScratchFolder folder;
  const std::string path = (folder.path() / "log").string();

  std::string config(const std::string& types = "notice") const {
    return "\nlog_dest file " + path + "\nlog_timestamp false\nlog_type " + types + "\n";
  }
  std::vector<std::string> lines() const {
    std::ifstream file(path);
    std::vector<std::string> all;
    for (std::string one; std::getline(file, one);) all.push_back(one);
    return all;
  }
  bool has(const std::string& line) const {
    const auto all = lines();
    for (const std::string& one : all) UNSCOPED_INFO(one);
    return std::find(all.begin(), all.end(), line) != all.end();
  }
  /// How many lines begin like this.
  std::size_t count(const std::string& beginning) const {
    const auto all = lines();
    return static_cast<std::size_t>(
        std::count_if(all.begin(), all.end(),
                      [&](const std::string& one) { return one.starts_with(beginning); }));
  }
};

}  // namespace test
