// What is wrong with the configuration, and where: collected over all files,
// shown at once, like a compiler does.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace rekindle::yaml {

// A file's name as the user wrote it and its text, kept for source lines.
struct SourceFile {
  std::string name;
  std::string text;
};

// A place in a file; line and column count from 1, 0 where unknown. Columns are
// characters, not bytes.
struct Position {
  std::shared_ptr<const SourceFile> file;
  int line = 0;
  int column = 0;
};

enum class Severity { kError, kWarning };

struct Diagnostic {
  Severity severity = Severity::kError;
  Position at;
  std::string message;
};

// Not thread-safe.
class Diagnostics {
 public:
  void Error(const Position& at, std::string message);
  void Warning(const Position& at, std::string message);

  bool ok() const { return errors_ == 0; }  // warnings do not count
  int errors() const { return errors_; }
  const std::vector<Diagnostic>& all() const { return all_; }

  // The keys that the parser of a map asked for, kept only after KeepKeys(). A
  // test holds the JSON Schema to them.
  struct Keys {
    Position at;
    std::vector<std::string> keys;
  };
  void KeepKeys() { keeps_keys_ = true; }
  bool keeps_keys() const { return keeps_keys_; }
  void AddKeys(Keys keys) { keys_.push_back(std::move(keys)); }
  const std::vector<Keys>& keys() const { return keys_; }

  // All diagnostics by file, line and column, repeated ones once; each is
  //   rules/wake.yaml:4:11: error: unknown behavior "app_opn"; did you mean
  //   "app_open"?            (on one line)
  //       behavior: app_opn
  //                 ^
  std::string Render() const;

 private:
  std::vector<Diagnostic> all_;
  int errors_ = 0;
  bool keeps_keys_ = false;
  std::vector<Keys> keys_;
};

}  // namespace rekindle::yaml
