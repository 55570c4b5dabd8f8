#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace broker {

/// The parts of a configuration. `global` is always open. Each of the others is opened by a line
/// and may occur many times.
enum class Section : std::uint8_t { global, listener, bridge, plugin };
inline constexpr std::size_t number_of_sections = 4;

/// How the file writes a section: what it is called, and the key that usually opens one.
struct SectionInfo {
  std::string_view name;
  std::string_view opened_by;
};

constexpr SectionInfo info(Section section) {
  switch (section) {
    case Section::global:
      return {"broker", {}};
    case Section::listener:
      return {"listener", "listener"};
    case Section::bridge:
      return {"bridge", "connection"};
    case Section::plugin:
      return {"plugin", "plugin"};
  }
  return {};
}

/// The sections that the line being read may belong to: at most one of each kind, by its number
/// among those of its kind, from 0. A section stays open until the next of its kind; the opening
/// of a bridge closes no listener.
class OpenSections {
 public:
  bool has(Section section) const { return section == Section::global || at(section).has_value(); }
  /// The section must be open.
  std::size_t number(Section section) const {
    return section == Section::global ? 0 : at(section).value();
  }
  void open(Section section, std::size_t number) { open_[index(section)] = number; }

 private:
  static constexpr std::size_t index(Section section) { return static_cast<std::size_t>(section); }
  const std::optional<std::size_t>& at(Section section) const { return open_[index(section)]; }

  std::array<std::optional<std::size_t>, number_of_sections> open_;
};

}  // namespace broker
