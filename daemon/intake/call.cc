#include "daemon/intake/call.h"

#include <array>

#include "engine/intake/message_json.h"

namespace rekindle {
namespace {

struct Named {
  std::string_view name;
  CallPath call;
};
constexpr std::array<Named, 14> kCalls = {{
    {"batch", {"/v1/batch", ""}},
    {"b", {"/v1/batch", ""}},
    {"track", {"/v1/track", "track"}},
    {"t", {"/v1/track", "track"}},
    {"identify", {"/v1/identify", "identify"}},
    {"i", {"/v1/identify", "identify"}},
    {"page", {"/v1/page", "page"}},
    {"p", {"/v1/page", "page"}},
    {"screen", {"/v1/screen", "screen"}},
    {"s", {"/v1/screen", "screen"}},
    {"group", {"/v1/group", "group"}},
    {"g", {"/v1/group", "group"}},
    {"alias", {"/v1/alias", "alias"}},
    {"a", {"/v1/alias", "alias"}},
}};

}  // namespace

std::string_view RefusalName(Refusal refusal) {
  switch (refusal) {
    case Refusal::kUnreadable:
      return "unreadable";
    case Refusal::kTooLarge:
      return "too_large";
    case Refusal::kSurplus:
      return "surplus";
    case Refusal::kEngine:
      return "refused";
  }
  return "";
}

MessageFrame Call::Frame() const {
  return {.now = received_at,
          .type = type,
          .sent_at = sent_at,
          .context_traits = context_traits,
          .received_at = received_at};
}

std::optional<CallPath> FindCall(std::string_view path) {
  constexpr std::string_view kVersion = "/v1/";
  if (!path.starts_with(kVersion)) return std::nullopt;
  path.remove_prefix(kVersion.size());
  if (path.ends_with('/')) path.remove_suffix(1);
  for (const auto& [name, call] : kCalls) {
    if (path == name) return call;
  }
  return std::nullopt;
}

}  // namespace rekindle
