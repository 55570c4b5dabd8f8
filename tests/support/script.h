#pragma once

#include <catch2/catch.hpp>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

/// Plays a script against `subject`, one step per line: `what happens -> what must be seen`.
///
/// `subject.step(words)` does what the words on the left say and answers in words what was seen;
/// a line without an arrow expects an empty answer. Empty lines, and what follows `#`, are skipped.
namespace script {

inline std::string trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(' ');
  if (first == std::string_view::npos) return {};
  return std::string(text.substr(first, text.find_last_not_of(' ') - first + 1));
}

inline std::vector<std::string> words(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> result;
  for (std::string word; stream >> word;) result.push_back(word);
  return result;
}

template <class Subject>
void play(Subject& subject, const std::string& text) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    line = trimmed(line.substr(0, line.find('#')));
    if (line.empty()) continue;
    const auto arrow = line.find("->");
    const bool answered = arrow != std::string::npos;
    INFO(line);
    CHECK(subject.step(words(line.substr(0, arrow))) ==
          (answered ? trimmed(line.substr(arrow + 2)) : ""));
  }
}

}  // namespace script
