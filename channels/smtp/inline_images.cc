#include "channels/smtp/inline_images.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <utility>

namespace rekindle {
namespace {

constexpr std::string_view kScheme = "cid:";
constexpr uintmax_t kLargest = 1'000'000;

bool IsNameChar(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
         (c >= 'A' && c <= 'Z') || c == '.' || c == '-' || c == '_';
}

// Calls f(where, name) for each `cid:NAME` of an attribute.
template <class F>
void ForEachName(std::string_view html, F&& f) {
  for (size_t at = html.find(kScheme); at != html.npos;
       at = html.find(kScheme, at + 1)) {
    const bool value = at > 0 && (html[at - 1] == '"' || html[at - 1] == '\'' ||
                                  html[at - 1] == '(' || html[at - 1] == '=');
    if (!value) continue;
    const size_t begin = at + kScheme.size();
    size_t end = begin;
    while (end < html.size() && IsNameChar(html[end])) ++end;
    if (end > begin) f(begin, html.substr(begin, end - begin));
  }
}

std::string_view TypeOf(std::string_view name) {
  constexpr std::pair<std::string_view, std::string_view> kTypes[] = {
      {".png", "image/png"},   {".jpg", "image/jpeg"},
      {".jpeg", "image/jpeg"}, {".gif", "image/gif"},
      {".webp", "image/webp"}, {".svg", "image/svg+xml"}};
  for (const auto& [ending, type] : kTypes) {
    if (name.ends_with(ending)) return type;
  }
  return "";
}

}  // namespace

std::vector<std::string> ImageNamesIn(std::string_view html) {
  std::vector<std::string> names;
  ForEachName(html, [&](size_t, std::string_view name) {
    if (std::find(names.begin(), names.end(), name) == names.end()) {
      names.emplace_back(name);
    }
  });
  return names;
}

std::string WithDomain(std::string_view html, std::string_view domain) {
  std::string out;
  size_t copied = 0;
  ForEachName(html, [&](size_t at, std::string_view name) {
    const size_t end = at + name.size();
    out += html.substr(copied, end - copied);
    out += '@';
    out += domain;
    copied = end;
  });
  out += html.substr(copied);
  return out;
}

Result<std::vector<InlineImage>> ImageFolder::ImagesOf(std::string_view html) {
  std::vector<InlineImage> images;
  for (const std::string& name : ImageNamesIn(html)) {
    auto found = loaded_.find(name);
    if (found == loaded_.end()) {
      auto image = Load(name);
      if (!image) return tl::make_unexpected(image.error());
      found = loaded_.emplace(name, *std::move(image)).first;
    }
    images.push_back(found->second);
  }
  return images;
}

Result<InlineImage> ImageFolder::Load(const std::string& name) const {
  const auto missing = [&](const char* why) {
    return Fail(ErrorKind::kNotFound, "image \"" + name + "\" " + why);
  };
  if (folder_.empty()) return missing("needs the channel's setting images");
  InlineImage image{name, std::string(TypeOf(name)), ""};
  if (image.type.empty()) {
    return missing("is no .png, .jpg, .gif, .webp or .svg");
  }
  const std::filesystem::path path = folder_ / name;
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  if (error) return missing("is not in the channel's folder of images");
  if (size > kLargest) return missing("is larger than 1 MB");
  std::ifstream in(path, std::ios::binary);
  image.bytes.assign(std::istreambuf_iterator<char>(in), {});
  if (!in) return missing("cannot be read");
  return image;
}

}  // namespace rekindle
