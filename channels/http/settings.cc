#include "channels/http/settings.h"

#include "channels/adapter/settings_keys.h"

namespace rekindle {

std::optional<HttpRequestSettings> ParseHttpRequestSettings(
    yaml::Section& section) {
  if (!section.valid()) return std::nullopt;
  const int errors_before = section.diagnostics().errors();
  HttpRequestSettings settings;
  settings.address_field = TakeAddressField(section, "");
  RequestVariables variables{
      {"touch_id", "rule_id", "user_id", "slot", "attempt"}, true};
  if (!settings.address_field.empty()) variables.known.push_back("address");
  NamedVariables named;
  TakeRequest(section, variables, &settings, &named);
  settings.required_parts.assign(named.required_parts.begin(),
                                 named.required_parts.end());
  // A part that is needed anywhere is needed.
  for (const std::string& part : named.optional_parts) {
    if (!named.required_parts.contains(part)) {
      settings.optional_parts.push_back(part);
    }
  }
  settings.answer = TakeAnswerRules(section);
  settings.concurrency =
      static_cast<int>(section.GetInteger("concurrency", 16, 1, 256));
  settings.deduplicates = section.GetBool("deduplicates", false);
  section.Finish();
  if (section.diagnostics().errors() != errors_before) return std::nullopt;
  return settings;
}

}  // namespace rekindle
