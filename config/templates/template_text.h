// The texts of messages: plain text with strict variables.
//
//   Hello {{nickname}}                       a variable; missing: no message
//   Hello {{nickname | default: "driver"}}   a default for it
//   {{last.order_paid.amount | number: 2}}   a filter: two decimals
//   {{created_at | date: "%Y-%m-%d"}}        a filter: a day or instant
//   {{name | upper}} {{name | truncate: 10}}
//   {{{{                                     a literal {{
//
// Filters work from left to right; `default` steps in wherever there is no
// value by then. A missing variable is an answer (the variable's name), never
// an empty space: a value of nothing but blanks counts as missing. There is no
// logic: what differs between users is a rule, not a text.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/base/result.h"
#include "config/templates/template_filter.h"

namespace rekindle {

// How values are escaped when put into the text: not the text itself.
enum class Escaping {
  kNone,  // plain text, push, sms
  kHtml,  // the html part of an e-mail
  kUrl,   // percent-encoding, for urls
};

// Looks a variable up by its dotted name; nothing where the user has no value.
using VariableLookup =
    std::function<std::optional<std::string>(std::string_view name)>;

// Immutable after Parse; thread-safe.
class TemplateText {
 public:
  // A syntax error gives kConfiguration with a message and, in `error_offset`,
  // the byte in `text` it is at.
  static Result<TemplateText> Parse(std::string_view text,
                                    size_t* error_offset);

  // The rendered text; or, where a variable without a default is missing (or a
  // filter cannot read its value), kNotFound with the variable's name as the
  // message.
  Result<std::string> Render(const VariableLookup& lookup,
                             Escaping escaping) const;

  // Every variable named, each once, in order.
  std::vector<std::string> Variables() const;

 private:
  struct Piece {
    std::string literal;  // when variable is empty
    std::string variable;
    std::vector<TemplateFilter> filters;
  };
  class Parser;

  std::vector<Piece> pieces_;
};

}  // namespace rekindle
