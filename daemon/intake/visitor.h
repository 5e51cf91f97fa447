// Who opens a link: a person, or a machine that looks at mail before them.
#pragma once

#include <string_view>

namespace rekindle {

// Programs that say so in their User-Agent: crawlers, mail and chat scanners,
// previews, command-line clients; and whoever gives none. Proxies through which
// mail programs show a person's images are no machines where `image` is asked.
bool IsMachine(std::string_view user_agent, bool image);

// "prefetch", "preview": a browser that loads ahead of its user, by any of the
// headers Sec-Purpose, Purpose, X-Purpose and X-Moz.
bool IsAhead(std::string_view purpose);

// "zh" or "en", whichever an Accept-Language header puts first; empty: neither.
std::string_view PreferredLanguage(std::string_view accept_language);

}  // namespace rekindle
