// What the engine refuses to take in, and why: the checks that look at the
// message alone.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "config/base/calendar.h"
#include "engine/intake/message.h"
#include "engine/model/settings.h"

namespace rekindle {

inline constexpr size_t kMaxIdBytes = 256;

// Nothing where the message may come in; else the reason, for people.
std::optional<std::string> WhyRefused(const MessageView& message, Instant now,
                                      const Calendar& calendar);

// The same for an id alone; `what` names it: "user_id".
std::optional<std::string> WhyIdRefused(std::string_view what,
                                        std::string_view id);

// The same for the topic of an answer about consent: one of the settings, or a
// channel. An answer under a misspelt one would never be asked for.
std::optional<std::string> WhyNoTopic(const std::string& topic,
                                      const EngineSettings& settings);

}  // namespace rekindle
