#include "engine/model/link_settings.h"

#include <algorithm>

#include "config/base/url_scheme.h"

namespace rekindle {
namespace {

constexpr size_t kShortestSecret = 16;

bool IsBaseUrl(std::string_view url) {
  const std::string_view scheme = WebSchemeOf(url);
  if (scheme.empty() || url.size() == scheme.size()) return false;
  // Nothing that would need escaping where it is put.
  return std::all_of(url.begin(), url.end(), [](char c) {
    return c > ' ' && c < 0x7F &&
           std::string_view("\"'<>?#\\{}|^`&@").find(c) ==
               std::string_view::npos;
  });
}

}  // namespace

std::optional<LinkSettings> ParseLinks(const std::optional<yaml::Node>& node,
                                       yaml::Diagnostics& d) {
  if (!node) return std::nullopt;
  LinkSettings settings{.at = node->position()};
  yaml::Section section(*node, d, "links");
  if (const auto url = section.Require("base_url")) {
    settings.base_url = url->AsString(d, "base_url").value_or("");
    if (url->IsScalar() && !IsBaseUrl(settings.base_url)) {
      d.Error(url->position(),
              "base_url must be where the intake is reached from the world, "
              "such as https://go.app.example");
    }
    while (settings.base_url.ends_with('/')) settings.base_url.pop_back();
  }
  if (const auto secret = section.Take("secret")) {
    settings.secret = ParseSecret(*secret, d, "secret").value_or(Secret());
    if (!settings.secret.empty() &&
        settings.secret.Reveal().size() < kShortestSecret) {
      d.Error(secret->position(),
              "the secret of links must have at least 16 characters");
    }
  }
  settings.opens = section.GetBool("opens", true);
  section.Finish();
  return settings;
}

}  // namespace rekindle
