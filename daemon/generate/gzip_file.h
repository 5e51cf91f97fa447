// A gzip file being written.
#pragma once

#include <filesystem>
#include <memory>
#include <string_view>

#include "daemon/generate/text_output.h"

namespace rekindle {

// Fast compression; the same bytes for the same text. Written beside its place
// (".part") and moved there by Finish(); without that no file appears there.
// Failures of the disk are std::system_error.
class GzipFile : public TextOutput {
 public:
  explicit GzipFile(std::filesystem::path path);
  ~GzipFile() override;

  void Write(std::string_view text) override;
  void Finish() override;
  const std::filesystem::path& path() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace rekindle
