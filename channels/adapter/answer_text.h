// A peer's answer made fit for the ledger, the log and the pages.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace rekindle {

// One line of valid UTF-8, at most about 200 bytes. Every text of `hide`
// (secrets, the recipient), and every word that looks like a mail address or a
// phone number, becomes "***": servers like to repeat whom they refuse.
std::string AnswerText(std::string_view answer,
                       const std::vector<std::string_view>& hide);

}  // namespace rekindle
