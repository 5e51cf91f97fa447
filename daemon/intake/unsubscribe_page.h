// The page behind an unsubscribe link, in Chinese and English.
#pragma once

#include <string>
#include <string_view>

namespace rekindle {

// Asks whether to unsubscribe; nothing has happened yet. `topic` is what the
// touch was about; empty: it had none. `path` is the page's own, to post to and
// to change the language.
std::string AskPage(std::string_view language, std::string_view topic,
                    std::string_view path);
// It is done. `path`: of the page, for the other language.
std::string DonePage(std::string_view language, std::string_view path);
// The link leads nowhere, or not any more.
std::string GonePage(std::string_view language);

}  // namespace rekindle
