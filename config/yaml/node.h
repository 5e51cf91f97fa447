// One value of a YAML document with its place, read strictly.
//
// yaml-cpp is lenient where a configuration must not be: duplicate keys, second
// documents, `010` read as 8, `yes` read as true. Those are closed here, once
// (reading) and in document.cc (loading). Every As... function reports what was
// expected to the diagnostics and returns nothing on a mismatch, so that one
// pass over the files finds every error.
#pragma once

#include <yaml-cpp/yaml.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/base/duration.h"
#include "config/yaml/diagnostics.h"

namespace rekindle::yaml {

// Cheap to copy; refers to a document that must outlive it (a Node keeps its
// file's text alive, and yaml-cpp shares the tree). Not thread-safe.
class Node {
 public:
  Node() = default;
  Node(const YAML::Node& node, std::shared_ptr<const SourceFile> file);
  Node(const Node&) = default;
  // Assigning a YAML::Node would overwrite the tree the left side stands in.
  Node& operator=(const Node& other);

  bool IsMap() const { return node_.IsMap(); }
  bool IsList() const { return node_.IsSequence(); }
  bool IsScalar() const { return node_.IsScalar(); }
  bool IsNull() const { return !node_.IsDefined() || node_.IsNull(); }
  // "a map", "a list", "a text", "nothing": for messages.
  std::string_view KindName() const;

  Position position() const;
  // The scalar's text as written; empty for anything else.
  const std::string& text() const;
  // True for a plain (unquoted) scalar.
  bool plain() const;

  std::vector<Node> Items() const;  // of a list; empty for anything else
  std::vector<std::pair<Node, Node>> Entries() const;  // of a map, in order

  // `what` names the value in messages: "churned_after must be a whole number,
  // not \"two\"".
  std::optional<std::string> AsString(Diagnostics& d,
                                      std::string_view what) const;
  std::optional<int64_t> AsInteger(Diagnostics& d, std::string_view what) const;
  std::optional<double> AsNumber(Diagnostics& d, std::string_view what) const;
  // true / false only; `yes`, `on` are errors that say so.
  std::optional<bool> AsBool(Diagnostics& d, std::string_view what) const;
  // "50%" or "12.5%" -> 0.5, 0.125; between 0 and 1.
  std::optional<double> AsShare(Diagnostics& d, std::string_view what) const;
  std::optional<Duration> AsDuration(Diagnostics& d,
                                     std::string_view what) const;
  // A scalar or a list of scalars, at least one.
  std::vector<Node> AsOneOrMany(Diagnostics& d, std::string_view what) const;
  std::vector<std::string> AsStrings(Diagnostics& d,
                                     std::string_view what) const;

 private:
  // Reports "<what> must be <expected>, not ..." and gives nothing.
  std::nullopt_t Mismatch(Diagnostics& d, std::string_view what,
                          std::string_view expected,
                          std::string_view hint = "") const;

  YAML::Node node_;
  std::shared_ptr<const SourceFile> file_;
  // Where its key stands: the position of a value that is missing.
  YAML::Mark key_ = YAML::Mark::null_mark();
};

// Text in Chinese and English: `{zh: .., en: ..}` or one text for both.
struct Localized {
  std::string zh;
  std::string en;
  const std::string& In(std::string_view language) const {
    return language == "zh" ? zh : en;
  }
};
std::optional<Localized> AsLocalized(const Node& node, Diagnostics& d,
                                     std::string_view what);

// Reads a map key by key. Keys nobody asked for are reported by Finish() with
// a did-you-mean among those that were asked for.
//
//   Section s(node, d, "preferences");
//   settings.window = s.GetDuration("window", {3, DurationUnit::kMonth});
//   if (auto labels = s.Take("labels")) ParseLabels(*labels, ...);
//   s.Finish();
class Section {
 public:
  // `what` names the map in messages. A node that is not a map is reported
  // here, and then every key is absent.
  Section(const Node& node, Diagnostics& d, std::string what);

  bool valid() const { return valid_; }
  const Node& node() const { return node_; }
  Diagnostics& diagnostics() { return d_; }

  // Absent keys (and keys without a value) give nothing.
  std::optional<Node> Take(std::string_view key);
  // An absent key is an error: `<what> needs "<key>"`.
  std::optional<Node> Require(std::string_view key);
  bool Has(std::string_view key) const;

  std::string GetString(std::string_view key, std::string otherwise);
  int64_t GetInteger(std::string_view key, int64_t otherwise, int64_t least,
                     int64_t most);
  bool GetBool(std::string_view key, bool otherwise);
  Duration GetDuration(std::string_view key, Duration otherwise);

  // Reports unknown keys. Call once, after the last Take.
  void Finish();

 private:
  Node node_;
  Diagnostics& d_;
  std::string what_;
  std::vector<std::pair<Node, Node>> entries_;
  bool valid_ = false;
  std::vector<std::string> known_;
};

// Notes the keys of a map that is read without a Section.
void NoteKeys(const Node& map, Diagnostics& d,
              const std::vector<std::string>& keys);

// Reports `unknown <what> "<text>"` at the node with a did-you-mean among
// `known`; true when the node's text is one of them.
bool CheckKnown(const Node& node, Diagnostics& d, std::string_view what,
                const std::vector<std::string>& known);

}  // namespace rekindle::yaml
