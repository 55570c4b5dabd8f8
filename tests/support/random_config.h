#pragma once

#include <cstdint>
#include <random>
#include <string>

#include "config/directive.h"
#include "support/scratch_folder.h"

namespace test {

/// Valid configurations at random, out of the table of directives: every supported key comes up,
/// with values from its bounds and choices. Keys that only make sense together (a certificate and
/// its key) come together. The files that they name exist.
class RandomConfig {
 public:
  /// Files go to `folder`, which has to outlive what reads them.
  explicit RandomConfig(const ScratchFolder& folder);

  /// The same for the same seed.
  std::string text(std::uint64_t seed);
  /// `text` with some bytes or lines changed: mostly not valid any more.
  std::string mutated(std::string text, std::uint64_t seed);

 private:
  /// What a listener is, before its keys are written.
  struct Kind;

  unsigned below(unsigned limit) { return static_cast<unsigned>(random_() % limit); }
  bool with_chance(unsigned percent) { return below(100) < percent; }
  std::string one_of(std::initializer_list<const char*> words) {
    return words.begin()[below(static_cast<unsigned>(words.size()))];
  }

  void write_globals(bool per_listener_settings);
  void write_listener(bool per_listener_settings);
  void write(const broker::Directive& row, const std::string& value);
  bool fits(const broker::Directive& row, const Kind& kind) const;
  std::string value_of(const broker::Directive& row, const Kind* kind);
  std::string typed_value(const broker::Directive& row);
  std::string path(const char* name) const;

  const ScratchFolder& folder_;
  std::mt19937_64 random_;
  std::string text_;
  unsigned sockets_ = 0;
};

}  // namespace test
