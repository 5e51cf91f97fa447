#include "config/yaml/structure_check.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <map>
#include <sstream>
#include <string_view>
#include <vector>

#include "config/base/utf8.h"
#include "config/yaml/position.h"

namespace rekindle::yaml {
namespace {

constexpr size_t kDeepest = 64;

// Stops the parser where going on would only find what follows from it.
struct Stop {};

// True where the quoted text that begins at `at` is closed. yaml-cpp takes the
// end of the file for a closing quote.
bool QuoteCloses(std::string_view text, size_t at) {
  char quote = text[at];
  while (++at < text.size()) {
    if (quote == '"' && text[at] == '\\') {
      ++at;
    } else if (text[at] == quote) {
      bool doubled = quote == '\'' && text.substr(at + 1).starts_with('\'');
      if (!doubled) return true;
      ++at;
    }
  }
  return false;
}

class Checker : public YAML::EventHandler {
 public:
  Checker(std::shared_ptr<const SourceFile> file, Diagnostics& d)
      : file_(std::move(file)), d_(d) {}

  int documents() const { return documents_; }
  // False where the tree would differ from what was written.
  bool loadable() const { return loadable_; }

  void ReportEmpty() {
    loadable_ = false;
    d_.Error({file_, 0, 0}, "the file is empty");
  }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ == 1) return;
    Report(mark,
           "a second document begins here; a file holds exactly one "
           "(is the indentation right?)");
    throw Stop();
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t) override {
    if (open_.empty()) return ReportEmpty();  // nothing but a `---`
    if (TakeKeyTurn()) ReportKey(mark);
  }

  void OnAlias(const YAML::Mark&, YAML::anchor_t) override { TakeKeyTurn(); }

  // Comes before the event of the node that bears it; an alias to it cannot
  // come without it.
  void OnAnchor(const YAML::Mark& mark, const std::string&) override {
    Report(mark,
           "anchors (&) and aliases (*) are not supported; write the value "
           "out, or put a text in quotes");
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                const std::string& value) override {
    CheckTag(mark, tag);
    CheckQuote(mark, tag);
    if (TakeKeyTurn()) CheckKey(mark, value, tag == "?");
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag,
                       YAML::anchor_t, YAML::EmitterStyle::value) override {
    Open(mark, tag, false);
  }
  void OnSequenceEnd() override { open_.pop_back(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag,
                  YAML::anchor_t, YAML::EmitterStyle::value) override {
    Open(mark, tag, true);
  }
  void OnMapEnd() override { open_.pop_back(); }

 private:
  struct Collection {
    bool is_map = false;
    bool key_next = true;
    std::map<std::string, int, std::less<>> lines;  // of its keys
  };

  void Report(const YAML::Mark& mark, std::string message) {
    loadable_ = false;
    d_.Error(PositionOfMark(file_, mark), std::move(message));
  }

  void ReportKey(const YAML::Mark& mark) {
    Report(mark,
           "a key must be a text; put a value that begins with {{ in quotes");
  }

  // True where the node at hand is a key of the map it stands in.
  bool TakeKeyTurn() {
    if (open_.empty() || !open_.back().is_map) return false;
    bool is_key = open_.back().key_next;
    open_.back().key_next = !is_key;
    return is_key;
  }

  void Open(const YAML::Mark& mark, const std::string& tag, bool is_map) {
    CheckTag(mark, tag);
    if (TakeKeyTurn()) {
      ReportKey(mark);
      throw Stop();
    }
    if (open_.size() == kDeepest) {
      Report(mark,
             "nested deeper than " + std::to_string(kDeepest) + " levels");
      throw Stop();
    }
    open_.push_back({is_map, true, {}});
  }

  void CheckTag(const YAML::Mark& mark, const std::string& tag) {
    if (tag.empty() || tag == "?" || tag == "!") return;
    Report(mark, "tags (!) are not supported; put a text in quotes");
  }

  void CheckQuote(const YAML::Mark& mark, const std::string& tag) {
    std::string_view text = file_->text;
    size_t at = mark.pos;
    if (tag != "!" || at >= text.size()) return;
    if (text[at] != '"' && text[at] != '\'') return;
    if (QuoteCloses(text, at)) return;
    Report(mark, "this quote is never closed");
    throw Stop();
  }

  void CheckKey(const YAML::Mark& mark, const std::string& key, bool plain) {
    if (plain && key == "<<") {
      Report(mark, "merge keys (<<) are not supported; write the keys out");
      return;
    }
    auto [first, is_new] = open_.back().lines.emplace(key, mark.line + 1);
    if (is_new) return;
    d_.Error(PositionOfMark(file_, mark),
             "duplicate key \"" + key + "\"; it is on line " +
                 std::to_string(first->second) + " already");
  }

  std::shared_ptr<const SourceFile> file_;
  Diagnostics& d_;
  std::vector<Collection> open_;
  int documents_ = 0;
  bool loadable_ = true;
};

// yaml-cpp's terse words for the slips that are made most.
std::string Explain(const std::string& message) {
  static constexpr std::pair<std::string_view, std::string_view> kWords[] = {
      {"illegal map value",
       "a \":\" cannot stand here; check the indentation above, or put the "
       "text in quotes"},
      {"unknown token",
       "a value cannot begin with this character; put the text in quotes"},
      {"end of map not found",
       "this does not continue the map; check the indentation, quotes and "
       "\":\""},
      {"end of sequence not found",
       "this does not continue the list; check the indentation and \"-\""},
      {"end of map flow not found", "a \"{\" before this is not closed"},
      {"end of sequence flow not found", "a \"[\" before this is not closed"},
      {"illegal flow end", "there is no open bracket that this could close"},
      {"the referenced anchor is not defined",
       "a value cannot begin with \"*\" (an alias); put the text in quotes"},
      {"illegal tab when looking for indentation",
       "a tab cannot indent; use spaces"},
  };
  for (const auto& [theirs, ours] : kWords) {
    if (message == theirs) return std::string(ours);
  }
  return "not valid YAML: " + message;
}

// A tab in the white space that begins the line of `byte`.
std::optional<size_t> IndentingTab(std::string_view text, size_t byte) {
  byte = std::min(byte, text.size());
  size_t end = byte == 0 ? std::string_view::npos : text.rfind('\n', byte - 1);
  size_t start = end == std::string_view::npos ? 0 : end + 1;
  size_t tab = text.find_first_not_of(' ', start);
  if (tab == std::string_view::npos || text[tab] != '\t') return std::nullopt;
  return tab;
}

void ReportSyntax(const std::shared_ptr<const SourceFile>& file,
                  const YAML::Exception& error, Diagnostics& d) {
  if (error.mark.is_null()) {
    d.Error({file, 0, 0}, Explain(error.msg));
  } else if (auto tab = IndentingTab(file->text, error.mark.pos)) {
    d.Error(PositionOfByte(file, *tab), "a tab cannot indent; use spaces");
  } else {
    d.Error(PositionOfMark(file, error.mark), Explain(error.msg));
  }
}

// Bytes yaml-cpp would take in silence.
bool CheckBytes(const std::shared_ptr<const SourceFile>& file, Diagnostics& d) {
  if (auto at = InvalidUtf8At(file->text)) {
    d.Error(PositionOfByte(file, *at), "not UTF-8; save the file as UTF-8");
    return false;
  }
  for (size_t at = 0; at < file->text.size(); ++at) {
    auto byte = static_cast<unsigned char>(file->text[at]);
    bool control = byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r';
    if (!control && byte != 0x7F) continue;
    d.Error(PositionOfByte(file, at), "a control character is not allowed");
    return false;
  }
  return true;
}

}  // namespace

Structure CheckStructure(const std::shared_ptr<const SourceFile>& file,
                         Diagnostics& d) {
  if (!CheckBytes(file, d)) return Structure::kBroken;
  int errors_before = d.errors();
  Checker checker(file, d);
  try {
    std::istringstream in(file->text);
    YAML::Parser parser(in);
    while (parser.HandleNextDocument(checker)) {
    }
  } catch (const Stop&) {
    return Structure::kBroken;
  } catch (const YAML::Exception& error) {
    ReportSyntax(file, error, d);
    return Structure::kBroken;
  }
  if (checker.documents() == 0) checker.ReportEmpty();
  if (!checker.loadable()) return Structure::kBroken;
  return d.errors() > errors_before ? Structure::kFlawed : Structure::kSound;
}

}  // namespace rekindle::yaml
