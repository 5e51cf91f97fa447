#include "engine/exports/last_pages.h"

#include "engine/as_of/raw_events.h"

namespace rekindle {

std::vector<std::string> LastPages(const Snapshot& facts) {
  const uint32_t size = facts.users().size();
  std::vector<std::string> pages(size);
  std::vector<Instant> seen(size, Instant::min());
  const auto take = [&](const StoredEvent& event, Instant at) {
    if (event.name != "page" && event.name != "screen") return;
    const UserNumber user = facts.users().Resolve(event.user);
    if (at < seen[user]) return;
    std::string page = ValueText(PropertyOf(event.properties, "name"));
    if (page.empty()) return;
    seen[user] = at;
    pages[user] = std::move(page);
  };
  ReadEvents(facts.journal(), facts.settings().calendar, Instant::min(),
             facts.as_of(), take);
  return pages;
}

}  // namespace rekindle
