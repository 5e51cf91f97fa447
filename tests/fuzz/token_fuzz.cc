// Tokens that come back in URLs and mail addresses, and the links of texts they
// are put into: nothing that was not made here is taken, and of a text nothing
// but its links changes.
#include <string>

#include "engine/links/link_finder.h"
#include "engine/links/link_token.h"
#include "tests/fuzz/fuzz.h"

namespace rekindle {
namespace {

using fuzz::Require;

constexpr char kId[] = "0123456789abcdef0123456789abcdef";

void RequireToken(const std::string& text) {
  const auto token = ParseToken(text);
  if (!token) return;
  for (const TokenUse use : {TokenUse::kLink, TokenUse::kUnsubscribe}) {
    const bool good = Verifies(*token, "key", use, kId);
    Require(good == (text == MakeToken("key", use, kId, token->number)),
            "only what was made here is good");
  }
}

void RequireLinks(const std::string& text) {
  const auto same = [](const std::string& url) {
    Require(IsWebLink(url), "only web links are links");
    return url;
  };
  Require(ReplaceLinksInText(text, same) == text, "the text stays");
  // The escapes of a link may be written otherwise, so links go in and out.
  const auto gone = [](const std::string& url) {
    Require(IsWebLink(url), "only web links are links");
    return std::string("-");
  };
  const std::string html = ReplaceLinksInHtml(text, gone);
  Require(html.size() <= text.size(), "nothing is added");
  if (text.find("://") == text.npos && text.find('&') == text.npos) {
    Require(html == text, "html without links stays");
  }
  Require(InsertAtBodyEnd(text, "").size() == text.size(), "it is put in once");
}

}  // namespace
}  // namespace rekindle

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace rekindle;
  const std::string text(fuzz::TextOf(data, size));
  RequireToken(text);
  const auto touch_id = ReadBounceToken("key", text);
  fuzz::Require(!touch_id || text.size() == touch_id->size() + 17,
                "a bounce token is an id and a mac");
  RequireLinks(text);
  return 0;
}
