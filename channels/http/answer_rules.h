// How a provider's answer is read: many say 200 and what they mean in the body.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "channels/adapter/adapter.h"
#include "channels/http_client/http_client.h"
#include "config/yaml/node.h"

namespace rekindle {

// One row of `answer.classes`; all that it names must hold.
struct AnswerRule {
  int status_from = 0;  // 0: any status
  int status_to = 0;
  std::string field;                // a JSON pointer; empty: none
  std::vector<std::string> values;  // the field's, as text; empty: any
  OutcomeClass what = OutcomeClass::kAccepted;
};

struct AnswerRules {
  std::vector<AnswerRule> rules;  // the first that holds wins
  // The class of a 2xx that no row matches. Nothing: accepted, or unknown where
  // rows read the body.
  std::optional<OutcomeClass> otherwise;
  std::string provider_id;  // a JSON pointer, or empty
  std::string message;      // likewise: the provider's words
  std::string retry_after;  // a header with seconds, beside Retry-After
};

// Takes `answer` of the channel, if it is there.
AnswerRules TakeAnswerRules(yaml::Section& channel);

// REQUIRES: the exchange was answered. `hide` goes to AnswerText.
Outcome ReadAnswer(const AnswerRules& rules, const HttpAnswer& answer,
                   bool deduplicates,
                   const std::vector<std::string_view>& hide);

}  // namespace rekindle
