#include "config/yaml/document.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <set>
#include <system_error>

#include "config/yaml/structure_check.h"

namespace rekindle::yaml {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

std::shared_ptr<const SourceFile> MakeSource(std::string name,
                                             std::string text) {
  if (text.starts_with(kByteOrderMark)) text.erase(0, kByteOrderMark.size());
  return std::make_shared<const SourceFile>(
      SourceFile{std::move(name), std::move(text)});
}

// As Parse, but a file whose only flaws are structural is given back too.
std::optional<Node> ParseFlawed(std::shared_ptr<const SourceFile> file,
                                Diagnostics& d) {
  if (CheckStructure(file, d) == Structure::kBroken) return std::nullopt;
  return Node(YAML::Load(file->text), file);
}

// The file's text; where it cannot be read, why.
Result<std::string> ReadText(const fs::path& path) {
  std::error_code ignored;
  if (fs::is_directory(path, ignored)) {
    return Fail(ErrorKind::kIo, "it is a folder");
  }
  if (fs::is_character_file(path, ignored)) {
    return Fail(ErrorKind::kIo, "it is a device");  // which may never end
  }
  errno = 0;
  std::ifstream in(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(in), {}};
  if (in.is_open() && !in.bad()) return text;
  return Fail(ErrorKind::kIo,
              errno == 0 ? "it cannot be opened" : std::strerror(errno));
}

std::shared_ptr<const SourceFile> ReadSource(const fs::path& path,
                                             Diagnostics& d,
                                             const Position& asked_from) {
  Result<std::string> text = ReadText(path);
  if (text) return MakeSource(path.string(), std::move(*text));
  if (asked_from.file != nullptr) {
    d.Error(asked_from,
            "cannot read " + path.string() + ": " + text.error().message);
  } else {
    d.Error({MakeSource(path.string(), ""), 0, 0},
            "cannot read the file: " + text.error().message);
  }
  return nullptr;
}

bool HasWildcard(std::string_view text) {
  return text.find_first_of("*?") != std::string_view::npos;
}

// Whether the whole name fits a pattern of * and ?.
bool Fits(std::string_view name, std::string_view pattern) {
  if (pattern.empty()) return name.empty();
  if (pattern[0] == '*') {
    return Fits(name, pattern.substr(1)) ||
           (!name.empty() && Fits(name.substr(1), pattern));
  }
  return !name.empty() && (pattern[0] == '?' || pattern[0] == name[0]) &&
         Fits(name.substr(1), pattern.substr(1));
}

// Collects the files an `include` list names.
class Includes {
 public:
  Includes(const fs::path& main, Diagnostics& d) : main_(main), d_(d) {
    seen_.insert(Identity(main));
  }

  void Add(const Node& pattern) {
    fs::path path = main_.parent_path() / pattern.text();
    if (HasWildcard(path.parent_path().string())) {
      d_.Error(pattern.position(),
               "include: * and ? may stand in the file's name only, not in a "
               "folder's");
    } else if (!path.has_filename()) {
      d_.Error(pattern.position(), "include names no file");
    } else if (HasWildcard(path.filename().string())) {
      AddMatches(path, pattern.position());
    } else {
      AddFile(path, pattern.position());
    }
  }

  std::vector<Node> Take() { return std::move(included_); }

 private:
  static std::string Identity(const fs::path& path) {
    std::error_code ignored;
    fs::path canonical = fs::weakly_canonical(path, ignored);
    return (canonical.empty() ? path : canonical).string();
  }

  // An editor's hidden files are not taken for rules.
  void AddMatches(const fs::path& pattern, const Position& at) {
    std::string wanted = pattern.filename().string();
    fs::path folder = pattern.parent_path();
    std::error_code error;
    std::vector<fs::path> found;
    fs::directory_iterator entries(folder.empty() ? "." : folder, error);
    if (error) {
      d_.Warning(at, "include: there is no folder " + folder.string());
      return;
    }
    for (const fs::directory_entry& entry : entries) {
      std::string name = entry.path().filename().string();
      if (name[0] == '.' && wanted[0] != '.') continue;
      if (!Fits(name, wanted) || entry.is_directory(error)) continue;
      found.push_back(folder / name);
    }
    std::sort(found.begin(), found.end());
    for (const fs::path& path : found) AddFile(path, at);
  }

  void AddFile(const fs::path& path, const Position& at) {
    if (!seen_.insert(Identity(path)).second) return;
    auto file = ReadSource(path, d_, at);
    if (file == nullptr) return;
    std::optional<Node> node = ParseFlawed(file, d_);
    if (!node) return;
    for (const auto& [key, value] : node->Entries()) {
      if (key.text() != "include") continue;
      d_.Error(key.position(),
               "an included file cannot include others; list "
               "them in " +
                   main_.string());
    }
    included_.push_back(*node);
  }

  fs::path main_;
  Diagnostics& d_;
  std::set<std::string> seen_;
  std::vector<Node> included_;
};

}  // namespace

std::optional<Node> Parse(std::string name, std::string text, Diagnostics& d) {
  auto file = MakeSource(std::move(name), std::move(text));
  if (CheckStructure(file, d) != Structure::kSound) return std::nullopt;
  return Node(YAML::Load(file->text), file);
}

std::optional<Node> LoadFile(const fs::path& path, Diagnostics& d,
                             const Position& asked_from) {
  auto file = ReadSource(path, d, asked_from);
  if (file == nullptr) return std::nullopt;
  return Parse(file->name, file->text, d);
}

std::optional<Files> LoadWithIncludes(const fs::path& main, Diagnostics& d) {
  auto file = ReadSource(main, d, {});
  if (file == nullptr) return std::nullopt;
  std::optional<Node> node = ParseFlawed(file, d);
  if (!node) return std::nullopt;
  Includes includes(main, d);
  for (const auto& [key, value] : node->Entries()) {
    if (key.text() != "include" || value.IsNull()) continue;
    for (const Node& pattern : value.AsOneOrMany(d, "include")) {
      includes.Add(pattern);
    }
  }
  return Files{*node, includes.Take()};
}

}  // namespace rekindle::yaml
