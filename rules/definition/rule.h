// A rule: who, what, how, when, limits, experiment, goal (rules/README.md).
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "config/templates/template_text.h"
#include "config/yaml/node.h"
#include "engine/conditions/condition.h"
#include "engine/model/settings.h"
#include "engine/oversight/notices.h"
#include "rules/definition/schedule.h"

namespace rekindle {

// What the rules must know of a channel. The daemon fills it in, so that rules
// and channels need not know each other.
struct ChannelFacts {
  std::string id;
  std::string type;
  std::string address_field;               // empty: reaches every user
  std::vector<std::string> needed_fields;  // further profile keys
  std::vector<std::string> required_parts;
  std::vector<std::string> optional_parts;
  bool any_parts = false;
  std::vector<std::string> added_parts;  // see AdapterTraits
};

// A template: for each channel its part keys and texts, in Chinese and English.
struct TemplatePart {
  std::string key;  // "title", "subject", "phone", ...
  TemplateText zh;
  TemplateText en;
  Escaping escaping = Escaping::kNone;
};
struct MessageTemplate {
  std::string id;
  yaml::Position at;
  std::map<std::string, std::vector<TemplatePart>> channels;  // by channel id
  std::vector<std::string> Variables() const;
};

struct Limits {
  std::optional<int> per_episode;
  std::optional<Duration> every;
  std::optional<int64_t> per_run;
  // The share of users that the first slots of a version may reach: the n-th
  // for the n-th slot, the last from then on. Empty: everybody.
  std::vector<double> ramp;
};

// At most `max` marketing touches of one user, in a calendar unit of the
// user's zone (`per`), or else in any stretch of time that long (`within`).
struct Cap {
  std::string channel;  // counts those of this channel; empty: all
  int64_t max = 1;
  std::optional<PeriodUnit> per;
  std::chrono::milliseconds within{0};
  Duration within_as_written;
};

// How many users a slot is expected to find eligible (SlotRow::eligible).
struct Expect {
  std::optional<int64_t> least_users, most_users;
  std::optional<double> least_share, most_share;  // of the known users
};

// Whom to tell of a slot, and what for.
struct Notify {
  NoticeReceiver to;
  // A bound on the eligible users: `users >= 500`. Its text is the cause's
  // name.
  struct UsersTrigger {
    std::string text;
    std::string comparison;  // ">=", ">", "<=", "<"
    int64_t bound = 0;
    bool Holds(int64_t users) const;
  };
  std::vector<UsersTrigger> users;
  std::vector<std::string> causes;  // "blast_guard", "failed", ...

  bool Asks(std::string_view cause) const;
};

// Times of day in the user's own zone; `from` may be later than `to` (over
// midnight).
struct SendWindow {
  std::chrono::minutes from{0};
  std::chrono::minutes to{24 * 60};
};

struct Variant {
  std::string id;
  double weight = 0;        // of the treated; all together 1
  std::string template_id;  // the rule's unless the variant names its own
};

struct Goal {
  BehaviorIndex behavior = 0;
  std::string behavior_name;
  Duration within;
};

struct Rule {
  std::string id;
  yaml::Localized name;
  std::string aim;  // a rate's name, or empty
  bool enabled = true;
  bool marketing = true;  // class
  std::shared_ptr<const Condition> when;
  std::string topic;                  // empty: none asked
  std::vector<std::string> channels;  // by preference; at most kMostChannels
  std::string template_id;
  Schedule schedule;
  std::string schedule_text;
  Duration max_late{6, DurationUnit::kHour};
  Limits limits;
  std::optional<SendWindow> window;
  // How long a touch may wait for its window, or for holidays to be over.
  Duration wait{24, DurationUnit::kHour};
  double priority = 0;
  double hold_out = 0;
  std::vector<Variant> variants;
  std::optional<Goal> goal;
  std::optional<Expect> expect;
  std::vector<Notify> notify;
  bool approval_required = false;
  // StableId of the rule's text, its templates' and its segments': changes when
  // one of them does.
  std::string version;
  yaml::Position at;
};

struct GlobalHoldOut {
  double share = 0;
  std::string salt;
};

// A rule's channels fit into one word (ChannelSet).
inline constexpr size_t kMostChannels = 32;
// The channels that caps name, and "every channel", fit into another (CapBook).
inline constexpr size_t kMostCappedChannels = 63;

// The caps of a configuration that names none.
inline std::vector<Cap> DefaultCaps() {
  Cap cap;
  cap.per = PeriodUnit::kDay;
  return {cap};
}

// Immutable after parsing; shared between threads.
struct RuleSet {
  std::vector<Rule> rules;  // file order
  std::map<std::string, MessageTemplate> templates;
  GlobalHoldOut hold_out;
  std::vector<Cap> caps = DefaultCaps();

  const Rule* Find(std::string_view id) const;
};

// Reads `rules`, `templates`, `hold_out`, `caps`, `approval` and `notify` from
// the given sections (the main file and the included ones). Everything named is
// resolved: behaviors, labels, segments (through the vocabulary), channels,
// templates and their parts, variables. Leaves other keys to the caller.
RuleSet ParseRules(std::vector<yaml::Section*> sections,
                   const Vocabulary& vocabulary,
                   const std::vector<ChannelFacts>& channels,
                   const EngineSettings& settings, yaml::Diagnostics& d);

}  // namespace rekindle
