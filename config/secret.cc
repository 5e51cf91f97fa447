#include "config/secret.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace rekindle {
namespace {

namespace fs = std::filesystem;

constexpr size_t kLongest = 64 * 1024;

// Messages about a secret point at its place without the source line, which
// may hold what must not be printed.
yaml::Position WithoutSource(yaml::Position at) {
  if (at.file == nullptr) return at;
  at.file = std::make_shared<const yaml::SourceFile>(
      yaml::SourceFile{at.file->name, ""});
  return at;
}

Result<std::string> FromEnvironment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  if (value != nullptr && *value != '\0') return std::string(value);
  return Fail(ErrorKind::kConfiguration,
              "the environment variable " + name +
                  (value == nullptr ? " is not set" : " is empty"));
}

Result<std::string> FromFile(const fs::path& path) {
  std::error_code ignored;
  std::ifstream in(path, std::ios::binary);
  if (!in.is_open() || fs::is_directory(path, ignored)) {
    return Fail(ErrorKind::kConfiguration,
                "the file " + path.string() + " cannot be read");
  }
  std::string text(kLongest + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<size_t>(in.gcount()));
  if (text.ends_with('\n')) text.pop_back();
  if (text.ends_with('\r')) text.pop_back();
  if (text.size() >= kLongest) {
    return Fail(ErrorKind::kConfiguration,
                "the file " + path.string() + " is too long for a secret");
  }
  if (!text.empty()) return text;
  return Fail(ErrorKind::kConfiguration,
              "the file " + path.string() + " is empty");
}

Result<std::string> FromCredential(const std::string& name) {
  if (name.find('/') != std::string::npos || name == "." || name == "..") {
    return Fail(ErrorKind::kConfiguration,
                "a credential is named without a path");
  }
  const char* folder = std::getenv("CREDENTIALS_DIRECTORY");
  if (folder == nullptr) {
    return Fail(ErrorKind::kConfiguration,
                "CREDENTIALS_DIRECTORY is not set (systemd sets it where the "
                "unit has LoadCredential=)");
  }
  return FromFile(fs::path(folder) / name);
}

Result<std::string> Fetch(const std::string& source, const yaml::Node& name) {
  if (source == "env") return FromEnvironment(name.text());
  if (source == "credential") return FromCredential(name.text());
  fs::path settings(name.position().file ? name.position().file->name : "");
  return FromFile(settings.parent_path() / name.text());
}

const std::vector<std::string>& Sources() {
  static const std::vector<std::string> sources = {"env", "file", "credential"};
  return sources;
}

bool IsSource(const std::string& word) {
  return std::find(Sources().begin(), Sources().end(), word) != Sources().end();
}

}  // namespace

std::optional<Secret> ParseSecret(const yaml::Node& node, yaml::Diagnostics& d,
                                  std::string_view what) {
  yaml::NoteKeys(node, d, Sources());
  auto entries = node.Entries();
  bool well_formed = entries.size() == 1 && IsSource(entries[0].first.text()) &&
                     entries[0].second.IsScalar() &&
                     !entries[0].second.text().empty();
  if (!well_formed) {
    d.Error(WithoutSource(node.position()),
            std::string(what) +
                " must be {env: NAME}, {file: PATH} or {credential: NAME}; a "
                "secret is never written in a settings file");
    return std::nullopt;
  }
  const auto& [source, name] = entries[0];
  Result<std::string> value = Fetch(source.text(), name);
  if (value) return Secret(std::move(*value));
  d.Error(name.position(), std::string(what) + ": " + value.error().message);
  return std::nullopt;
}

}  // namespace rekindle
