#include "config/templates/template_text.h"

#include <algorithm>

#include "config/base/words.h"
#include "config/templates/escape.h"

namespace rekindle {
namespace {

constexpr std::string_view kOpen = "{{";
constexpr std::string_view kClose = "}}";

bool IsNameCharacter(char c) {
  auto byte = static_cast<unsigned char>(c);
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '$' ||
         byte >= 0x80;
}

std::string Escape(std::string value, Escaping escaping) {
  switch (escaping) {
    case Escaping::kHtml:
      return EscapeHtml(value);
    case Escaping::kUrl:
      return EscapeUrl(value);
    case Escaping::kNone:
      break;
  }
  return value;
}

}  // namespace

// Goes once over the text. The first error stops it: fail_ is set, at_ stands
// at the offending byte.
class TemplateText::Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  Result<TemplateText> Run() {
    while (at_ < text_.size() && fail_.empty()) {
      if (!SkipIf(kOpen)) {
        Literal(text_.substr(at_, text_.find(kOpen, at_) - at_));
      } else if (SkipIf(kOpen)) {
        AddLiteral(kOpen);
      } else {
        Variable();
      }
    }
    if (fail_.empty()) return std::move(result_);
    return Fail(ErrorKind::kConfiguration, fail_);
  }

  size_t offset() const { return at_; }

 private:
  bool SkipIf(std::string_view token) {
    if (!text_.substr(at_).starts_with(token)) return false;
    at_ += token.size();
    return true;
  }

  void SkipBlanks() {
    at_ = std::min(text_.find_first_not_of(" \t\r\n", at_), text_.size());
  }

  void Stop(size_t at, std::string message) {
    at_ = at;
    fail_ = std::move(message);
  }

  void Literal(std::string_view literal) {
    AddLiteral(literal);
    at_ += literal.size();
  }

  void AddLiteral(std::string_view literal) {
    if (result_.pieces_.empty() || !result_.pieces_.back().variable.empty()) {
      result_.pieces_.emplace_back();
    }
    result_.pieces_.back().literal += literal;
  }

  std::string_view Word(bool dots) {
    size_t start = at_;
    while (at_ < text_.size() &&
           (IsNameCharacter(text_[at_]) || (dots && text_[at_] == '.'))) {
      ++at_;
    }
    return text_.substr(start, at_ - start);
  }

  // From behind the braces to behind those that close it.
  void Variable() {
    opened_ = at_ - kOpen.size();
    SkipBlanks();
    size_t start = at_;
    Piece piece;
    piece.variable = Word(true);
    const std::string& name = piece.variable;
    if (name.empty()) return StopAt(start, "a variable's name");
    if (name.front() == '.' || name.back() == '.' ||
        name.find("..") != std::string::npos) {
      return Stop(start, "\"" + name + "\" is not a variable's name");
    }
    SkipBlanks();
    while (fail_.empty() && SkipIf("|")) piece.filters.push_back(Filter());
    if (!fail_.empty()) return;
    if (!SkipIf(kClose)) return StopAt(at_, "\"|\" or \"}}\"");
    result_.pieces_.push_back(std::move(piece));
  }

  TemplateFilter Filter() {
    SkipBlanks();
    size_t start = at_;
    std::string_view name = Word(false);
    if (name.empty()) {
      StopAt(start, "a filter's name");
      return {};
    }
    SkipBlanks();
    std::optional<std::string> argument;
    if (SkipIf(":")) argument = Argument();
    if (!fail_.empty()) return {};
    SkipBlanks();
    Result<TemplateFilter> filter = TemplateFilter::Make(name, argument);
    if (filter) return std::move(*filter);
    Stop(start, filter.error().message);
    return {};
  }

  std::string Argument() {
    SkipBlanks();
    if (at_ < text_.size() && (text_[at_] == '"' || text_[at_] == '\'')) {
      return QuotedText();
    }
    size_t start = at_;
    std::string_view word = Word(true);
    if (word.empty()) StopAt(start, "a number or a text in quotes");
    return std::string(word);
  }

  // A backslash takes the next character as it is.
  std::string QuotedText() {
    size_t start = at_;
    char quote = text_[at_++];
    std::string value;
    for (; at_ < text_.size(); ++at_) {
      if (text_[at_] == quote) {
        ++at_;
        return value;
      }
      if (text_[at_] == '\\' && at_ + 1 < text_.size()) ++at_;
      value += text_[at_];
    }
    Stop(start, "this quote is never closed");
    return "";
  }

  // Something else than `expected` stands at `at`.
  void StopAt(size_t at, const std::string& expected) {
    if (text_.find(kClose, at) == std::string_view::npos) {
      return Stop(opened_, "\"{{\" is never closed");
    }
    Stop(at, "expected " + expected + " in {{...}}");
  }

  std::string_view text_;
  size_t at_ = 0;
  size_t opened_ = 0;
  std::string fail_;
  TemplateText result_;
};

Result<TemplateText> TemplateText::Parse(std::string_view text,
                                         size_t* error_offset) {
  Parser parser(text);
  Result<TemplateText> result = parser.Run();
  if (!result && error_offset != nullptr) *error_offset = parser.offset();
  return result;
}

Result<std::string> TemplateText::Render(const VariableLookup& lookup,
                                         Escaping escaping) const {
  std::string text;
  for (const Piece& piece : pieces_) {
    if (piece.variable.empty()) {
      text += piece.literal;
      continue;
    }
    std::optional<std::string> value = lookup(piece.variable);
    if (value && Trim(*value).empty()) value.reset();
    for (const TemplateFilter& filter : piece.filters) {
      value = filter.Apply(std::move(value));
    }
    if (!value) return Fail(ErrorKind::kNotFound, piece.variable);
    text += Escape(std::move(*value), escaping);
  }
  return text;
}

std::vector<std::string> TemplateText::Variables() const {
  std::vector<std::string> names;
  for (const Piece& piece : pieces_) {
    bool seen =
        std::find(names.begin(), names.end(), piece.variable) != names.end();
    if (!piece.variable.empty() && !seen) names.push_back(piece.variable);
  }
  return names;
}

}  // namespace rekindle
