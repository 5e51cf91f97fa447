// Who opens a link: a person, or a machine that looks at mail before them.
#pragma once

#include <string_view>

namespace rekindle {

// True for programs that say so in their User-Agent (crawlers, mail and chat
// scanners, previews, command-line clients) and where there is none. Proxies
// that mail programs show a person's images through are no machines if an
// `image` is asked for.
bool IsMachine(std::string_view user_agent, bool image);

// True where a browser loads ahead of its user: "prefetch" or "preview" in any
// of the headers Sec-Purpose, Purpose, X-Purpose and X-Moz.
bool IsAhead(std::string_view purpose);

// "zh" or "en", whichever an Accept-Language header puts first; empty: neither.
std::string_view PreferredLanguage(std::string_view accept_language);

}  // namespace rekindle
