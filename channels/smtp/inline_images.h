// Pictures that travel in the mail itself: html shows them by `cid:NAME`, and
// NAME is a file of the channel's folder of images.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "config/base/result.h"

namespace rekindle {

struct InlineImage {
  std::string name;   // "logo.png"
  std::string type;   // "image/png"
  std::string bytes;  // of the file
};

// The names that the html asks for, each once, in order.
std::vector<std::string> ImageNamesIn(std::string_view html);

// The html with `cid:NAME@domain` for each `cid:NAME`: such ids have the form
// of addresses (RFC 2392).
std::string WithDomain(std::string_view html, std::string_view domain);

// Reads each file once. One thread at a time.
class ImageFolder {
 public:
  // An empty path: there are no images.
  explicit ImageFolder(std::filesystem::path folder)
      : folder_(std::move(folder)) {}

  // The images that the html asks for. kNotFound, naming it, where one is
  // missing, is no picture by its name, or is larger than 1 MB.
  Result<std::vector<InlineImage>> ImagesOf(std::string_view html);

 private:
  Result<InlineImage> Load(const std::string& name) const;

  const std::filesystem::path folder_;
  std::map<std::string, InlineImage> loaded_;
};

}  // namespace rekindle
