// Turns a page's model into HTML: mustache templates over the JSON, with
// numbers written for people and codes put into words.
#pragma once

#include <string>
#include <string_view>

#include "daemon/pages/models.h"
#include "daemon/texts/texts.h"

namespace rekindle {

// How a value is written follows from its key, so that models stay plain data:
//   ..._rate, ..._share, ..._retention, share   a percentage, one decimal
//   other whole numbers                     with thousands separators
//   null                                    an en dash; beside it, no_<key>
//   state, reason, verdict, ... (codes)     beside it, <key>_text in words
//   rule_id, user_id                        beside it, <key>_url for links
//   {zh, en}                                the reader's language
//   lists                                   beside it, has_<key> (not empty)
class Renderer {
 public:
  // Every page is the layout with one template inside.
  Renderer();

  // `page` is a template's name without .html ("overview"); `target` is what
  // the language switch comes back to, a path with its query. HTML-escapes
  // every value.
  std::string Page(std::string_view page, const Json& model,
                   const std::string& language,
                   const std::string& target) const;

  const Texts& texts() const { return texts_; }

 private:
  Texts texts_;
};

}  // namespace rekindle
