#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "pub/source/message_source.h"
#include "pub/source/message_template.h"

namespace pub {

/// The files that `patterns` name, in the order of the patterns and then of the alphabet: a pattern
/// is a path, one with wildcards as a shell has them, or a folder, which stands for the files in it
/// (not those in folders below, and none whose name begins with a dot). The error names the pattern
/// that fits nothing.
tl::expected<std::vector<std::string>, std::string> files_of(
    const std::vector<std::string>& patterns);

/// Each file is the payload of a message. In topic and properties {path} is its path, {name} the
/// last part of that, and {stem} the name without its extension.
class FileMessages final : public MessageSource {
 public:
  FileMessages(std::vector<std::string> paths, MessageTemplate message)
      : paths_(std::move(paths)), template_(std::move(message)) {}

  Step next(OutgoingMessage& message) override;
  bool is_exhausted() const override { return next_ == paths_.size(); }
  std::optional<double> share() const override {
    return static_cast<double>(next_) / static_cast<double>(paths_.size());
  }

 private:
  std::vector<std::string> paths_;
  std::size_t next_ = 0;
  MessageTemplate template_;
  std::string content_;
};

}  // namespace pub
