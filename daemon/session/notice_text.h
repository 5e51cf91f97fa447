// What a notice to people says: about a slot in Chinese and English, about a
// channel in the pages' language.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "channels/adapter/adapter.h"
#include "daemon/texts/texts.h"
#include "engine/ledger/ledger.h"
#include "engine/oversight/notices.h"
#include "rules/definition/rule.h"

namespace rekindle {

struct NoticeText {
  std::string title;
  std::string body;  // of a slot: lines, first the Chinese ones
  std::string url;   // of the rule's page or the channels'; empty: not known
};

// About a slot. `rule` is nullptr where it is gone from the files, `slot` empty
// where the ledger has none. `pages_url` is where people reach the pages, or
// empty.
NoticeText WriteNotice(const Notice& notice, const Rule* rule,
                       const std::optional<SlotRow>& slot, int64_t failed,
                       const std::string& pages_url, const Calendar& calendar,
                       const Texts& texts);

// About a channel, in one language.
NoticeText WriteChannelNotice(const Notice& notice,
                              const std::string& pages_url,
                              const std::string& language, const Texts& texts);

// The message as the template parts that the adapter takes.
std::vector<std::pair<std::string, std::string>> NoticeParts(
    const NoticeText& text, const AdapterTraits& traits);

}  // namespace rekindle
