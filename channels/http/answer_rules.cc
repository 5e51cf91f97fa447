#include "channels/http/answer_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "channels/adapter/answer_text.h"
#include "channels/http_client/http_outcome.h"

namespace rekindle {
namespace {

using Json = nlohmann::json;

constexpr OutcomeClass kClasses[] = {
    OutcomeClass::kAccepted,   OutcomeClass::kDeadRecipient,
    OutcomeClass::kTemporary,  OutcomeClass::kAccount,
    OutcomeClass::kBadMessage, OutcomeClass::kUnknown};

std::optional<OutcomeClass> ClassOf(const yaml::Node& node,
                                    yaml::Diagnostics& d) {
  std::vector<std::string> names;
  for (const OutcomeClass what : kClasses) {
    names.emplace_back(OutcomeClassName(what));
  }
  if (!CheckKnown(node, d, "class", names)) return std::nullopt;
  const auto found = std::find(names.begin(), names.end(), node.text());
  return kClasses[found - names.begin()];
}

std::string PointerOf(const yaml::Node& node, yaml::Diagnostics& d,
                      std::string_view what) {
  const auto text = node.AsString(d, what);
  if (!text) return {};
  try {
    if (text->starts_with('/')) return Json::json_pointer(*text).to_string();
  } catch (const Json::exception&) {
  }
  d.Error(node.position(),
          fmt::format("{} must be a JSON pointer like /errcode or "
                      "/data/0/id, not \"{}\"",
                      what, *text));
  return {};
}

// "429", or "5xx" for all of a hundred.
void ReadStatus(const yaml::Node& node, yaml::Diagnostics& d,
                AnswerRule* rule) {
  const auto text = node.AsString(d, "status");
  if (!text) return;
  int status = 0;
  if (text->size() == 3 && text->ends_with("xx") && (*text)[0] >= '2' &&
      (*text)[0] <= '5') {
    rule->status_from = ((*text)[0] - '0') * 100;
    rule->status_to = rule->status_from + 99;
    return;
  }
  const auto [end, error] =
      std::from_chars(text->data(), text->data() + text->size(), status);
  if (error == std::errc() && end == text->data() + text->size() &&
      status >= 200 && status <= 599) {
    rule->status_from = rule->status_to = status;
    return;
  }
  d.Error(node.position(),
          fmt::format("status must be between 200 and 599, or 2xx to 5xx, not "
                      "\"{}\"",
                      *text));
}

std::optional<AnswerRule> RuleOf(const yaml::Node& node, yaml::Diagnostics& d) {
  yaml::Section section(node, d, "a class of answers");
  AnswerRule rule;
  if (const auto status = section.Take("status")) {
    ReadStatus(*status, d, &rule);
  }
  if (const auto field = section.Take("field")) {
    rule.field = PointerOf(*field, d, "field");
  }
  if (const auto values = section.Take("is")) {
    rule.values = values->AsStrings(d, "is");
    if (rule.field.empty()) {
      d.Error(values->position(), "\"is\" needs a \"field\"");
    }
  }
  const auto what = section.Require("class");
  section.Finish();
  if (!what) return std::nullopt;
  const auto known = ClassOf(*what, d);
  if (!known) return std::nullopt;
  rule.what = *known;
  if (rule.status_from == 0 && rule.field.empty()) {
    d.Error(node.position(), "a class of answers needs a status or a field");
  }
  return rule;
}

std::string TextOf(const Json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

// The field's text; nothing where it is not there.
std::optional<std::string> FieldOf(const Json& body,
                                   const std::string& pointer) {
  const Json::json_pointer at(pointer);
  if (body.is_discarded() || !body.contains(at)) return std::nullopt;
  return TextOf(body.at(at));
}

bool Holds(const AnswerRule& rule, int status, const Json& body) {
  if (rule.status_from != 0 &&
      (status < rule.status_from || status > rule.status_to)) {
    return false;
  }
  if (rule.field.empty()) return true;
  const auto text = FieldOf(body, rule.field);
  if (!text) return false;
  return rule.values.empty() ||
         std::find(rule.values.begin(), rule.values.end(), *text) !=
             rule.values.end();
}

OutcomeClass Classify(const AnswerRules& rules, const HttpAnswer& answer,
                      const Json& body, bool deduplicates) {
  for (const AnswerRule& rule : rules.rules) {
    if (Holds(rule, answer.status, body)) return rule.what;
  }
  if (answer.status < 200 || answer.status > 299) {
    return ClassifyHttp(answer, deduplicates);
  }
  const bool reads_body =
      std::any_of(rules.rules.begin(), rules.rules.end(),
                  [](const AnswerRule& r) { return !r.field.empty(); });
  return rules.otherwise.value_or(reads_body ? OutcomeClass::kUnknown
                                             : OutcomeClass::kAccepted);
}

std::optional<std::chrono::seconds> SecondsOf(const HttpAnswer& answer,
                                              const std::string& header) {
  const auto found = answer.headers.find(header);
  if (found == answer.headers.end()) return std::nullopt;
  int64_t seconds = 0;
  const std::string& text = found->second;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc() || seconds <= 0) return std::nullopt;
  constexpr int64_t kDay = 24 * 3600;
  return std::chrono::seconds(std::min(seconds, kDay));
}

std::string DetailOf(const AnswerRules& rules, const HttpAnswer& answer,
                     const Json& body, bool accepted,
                     const std::vector<std::string_view>& hide) {
  std::string text = "HTTP " + std::to_string(answer.status);
  if (accepted || answer.body.empty()) return text;
  std::optional<std::string> words;
  if (!rules.message.empty()) words = FieldOf(body, rules.message);
  return text + ": " + AnswerText(words.value_or(answer.body), hide);
}

// An id that repeats what must not be told is none.
std::string IdOf(std::string id, const std::vector<std::string_view>& hide) {
  constexpr size_t kLongest = 200;
  const bool tells =
      std::any_of(hide.begin(), hide.end(), [&](std::string_view secret) {
        return !secret.empty() && id.find(secret) != id.npos;
      });
  return tells || id.size() > kLongest ? std::string() : id;
}

}  // namespace

AnswerRules TakeAnswerRules(yaml::Section& channel) {
  AnswerRules rules;
  const auto node = channel.Take("answer");
  if (!node) return rules;
  yaml::Diagnostics& d = channel.diagnostics();
  yaml::Section section(*node, d, "answer");
  if (const auto classes = section.Take("classes")) {
    if (!classes->IsList()) {
      d.Error(classes->position(), "classes must be a list");
    }
    for (const yaml::Node& item : classes->Items()) {
      if (auto rule = RuleOf(item, d)) rules.rules.push_back(std::move(*rule));
    }
  }
  if (const auto otherwise = section.Take("otherwise")) {
    rules.otherwise = ClassOf(*otherwise, d);
  }
  if (const auto id = section.Take("provider_id")) {
    rules.provider_id = PointerOf(*id, d, "provider_id");
  }
  if (const auto message = section.Take("message")) {
    rules.message = PointerOf(*message, d, "message");
  }
  rules.retry_after = section.GetString("retry_after", "");
  section.Finish();
  return rules;
}

Outcome ReadAnswer(const AnswerRules& rules, const HttpAnswer& answer,
                   bool deduplicates,
                   const std::vector<std::string_view>& hide) {
  const Json body = Json::parse(answer.body, nullptr, false);
  Outcome outcome;
  outcome.what = Classify(rules, answer, body, deduplicates);
  const bool accepted = outcome.what == OutcomeClass::kAccepted;
  outcome.detail = DetailOf(rules, answer, body, accepted, hide);
  outcome.retry_after = answer.retry_after;
  if (!rules.retry_after.empty() && !outcome.retry_after) {
    outcome.retry_after = SecondsOf(answer, rules.retry_after);
  }
  if (accepted && !rules.provider_id.empty()) {
    outcome.provider_id =
        IdOf(FieldOf(body, rules.provider_id).value_or(""), hide);
  }
  return outcome;
}

}  // namespace rekindle
