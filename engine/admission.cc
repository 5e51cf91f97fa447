#include "engine/admission.h"

#include <algorithm>
#include <vector>

#include "config/base/words.h"
#include "engine/users/id_texts.h"
#include "engine/users/profile_change.h"

namespace rekindle {
namespace {

using Reason = std::optional<std::string>;

static_assert(kMaxIdBytes <= IdTexts::kMaxSize);

Reason WhyTooLong(std::string_view what, std::string_view id) {
  if (id.size() <= kMaxIdBytes) return std::nullopt;
  return std::string(what) + " is " + std::to_string(id.size()) +
         " bytes long; at most " + std::to_string(kMaxIdBytes) + " are allowed";
}

Reason WhyIdsRefused(const MessageView& m) {
  if (m.user_id.empty() && m.anonymous_id.empty() &&
      m.kind != MessageKind::kAlias) {
    return "there is no user_id and no anonymous_id";
  }
  if (auto reason = WhyTooLong("user_id", m.user_id)) return reason;
  if (auto reason = WhyTooLong("anonymous_id", m.anonymous_id)) return reason;
  return WhyTooLong("previous_id", m.previous_id);
}

Reason WhyEventRefused(const MessageView& m, Instant now,
                       const Calendar& calendar) {
  if (m.event.empty()) return "there is no event name";
  if (m.when.at > now + std::chrono::hours(24)) {
    return "its time " +
           (m.when.by_day ? FormatDay(m.when.day)
                          : calendar.Format(m.when.at)) +
           " is more than 24 hours in the future";
  }
  if (m.when.day < kEarliestDay) {
    return "its time " + FormatDay(m.when.day) +
           " is before 1900, as of a clock that was never set";
  }
  if (!m.properties.empty() && !m.properties_checked &&
      !IsJsonObject(m.properties)) {
    return "the properties are not a JSON object";
  }
  return std::nullopt;
}

Reason WhyAliasRefused(const MessageView& m) {
  if (m.user_id.empty()) return "an alias needs a user_id";
  if (m.previous_id.empty()) return "an alias needs a previous_id";
  if (m.user_id == m.previous_id) {
    return "\"" + std::string(m.user_id) + "\" cannot be an alias of itself";
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> WhyIdRefused(std::string_view what,
                                        std::string_view id) {
  if (id.empty()) return "there is no " + std::string(what);
  return WhyTooLong(what, id);
}

std::optional<std::string> WhyRefused(const MessageView& message, Instant now,
                                      const Calendar& calendar) {
  if (auto reason = WhyIdsRefused(message)) return reason;
  switch (message.kind) {
    case MessageKind::kEvent:
      return WhyEventRefused(message, now, calendar);
    case MessageKind::kIdentify: {
      const auto change = ParseProfileChange(message.traits, calendar);
      if (!change) return change.error().message;
      return std::nullopt;
    }
    case MessageKind::kAlias:
      return WhyAliasRefused(message);
    case MessageKind::kGroup:
      return std::nullopt;
  }
  return std::nullopt;
}

std::optional<std::string> WhyNoTopic(const std::string& topic,
                                      const EngineSettings& settings) {
  const auto& topics = settings.consent.topics;
  const auto& channels = settings.channel_ids;
  if (std::find(topics.begin(), topics.end(), topic) != topics.end() ||
      std::find(channels.begin(), channels.end(), topic) != channels.end()) {
    return std::nullopt;
  }
  std::vector<std::string> known = topics;
  known.insert(known.end(), channels.begin(), channels.end());
  return "consent." + topic + ": there is no such topic or channel" +
         Suggestion(topic, known);
}

}  // namespace rekindle
