// `caps`: how many marketing touches one user may get.
#include <fmt/format.h>

#include <limits>
#include <set>

#include "rules/definition/parse_context.h"

namespace rekindle {
namespace {

using std::chrono::milliseconds;

void ParseClass(yaml::Section& cap) {
  const auto node = cap.Take("class");
  yaml::Diagnostics& d = cap.diagnostics();
  if (!node) return;
  if (node->text() == "transactional") {
    d.Error(node->position(),
            "transactional touches are exempt from caps; class must be "
            "marketing");
  } else {
    yaml::CheckKnown(*node, d, "class", {"marketing"});
  }
}

int64_t ParseMax(yaml::Section& cap) {
  const auto node = cap.Require("max");
  yaml::Diagnostics& d = cap.diagnostics();
  if (!node ||
      RefuseZero(*node, "max", "to stop a rule, use `enabled: false`", d)) {
    return 1;
  }
  const auto max = node->AsInteger(d, "max");
  if (!max) return 1;
  if (*max >= 1 && *max <= std::numeric_limits<int32_t>::max()) return *max;
  d.Error(node->position(),
          fmt::format("max must be a whole number from 1 on, not {}", *max));
  return 1;
}

// A stretch of time: days and weeks are 24 hours and 7 x 24 hours long here.
void ParseWithin(const yaml::Node& node, yaml::Diagnostics& d, Cap* cap) {
  const auto duration = node.AsDuration(d, "within");
  if (!duration) return;
  cap->within_as_written = *duration;
  if (const auto length = LengthOf(*duration)) {
    cap->within = *length;
    return;
  }
  d.Error(node.position(),
          fmt::format("within rolls by minutes, hours, days or weeks, not "
                      "\"{}\"; for a calendar month use `per: month`",
                      node.text()));
}

void ParseSpan(yaml::Section& section, Cap* cap) {
  yaml::Diagnostics& d = section.diagnostics();
  const auto per = section.Take("per");
  const auto within = section.Take("within");
  if (!per && !within) {
    if (section.valid()) {
      d.Error(section.node().position(),
              "a cap needs \"per\" (day, week or month of the user's zone) or "
              "\"within\" (like 7 days)");
    }
    return;
  }
  if (per && within) {
    d.Error(within->position(), "a cap has \"per\" or \"within\", not both");
    return;
  }
  if (within) {
    ParseWithin(*within, d, cap);
  } else if (yaml::CheckKnown(*per, d, "value of per",
                              {"day", "week", "month"})) {
    cap->per = ParsePeriodUnit(per->text());
  }
}

// `named`: the channels of the caps before it, and then its own.
void ParseChannel(yaml::Section& section, const ParseContext& context,
                  std::set<std::string>* named, Cap* cap) {
  const auto channel = section.Take("channel");
  yaml::Diagnostics& d = section.diagnostics();
  if (!channel ||
      !yaml::CheckKnown(*channel, d, "channel", context.ChannelIds())) {
    return;
  }
  cap->channel = channel->text();
  const bool another = named->insert(cap->channel).second;
  if (another && named->size() == kMostCappedChannels + 1) {  // told once
    d.Error(channel->position(),
            fmt::format("caps name at most {} channels; \"{}\" is one more",
                        kMostCappedChannels, cap->channel));
  }
}

}  // namespace

std::vector<Cap> ParseCaps(const yaml::Node& node, ParseContext& context) {
  std::vector<Cap> caps;
  std::set<std::string> named;
  if (!node.IsList()) {
    context.d.Error(node.position(),
                    fmt::format("caps must be a list, like [{{class: "
                                "marketing, max: 1, per: day}}], not {}",
                                node.KindName()));
    return caps;
  }
  for (const yaml::Node& item : node.Items()) {
    yaml::Section section(item, context.d, "a cap");
    Cap cap;
    ParseClass(section);
    ParseChannel(section, context, &named, &cap);
    cap.max = ParseMax(section);
    ParseSpan(section, &cap);
    section.Finish();
    caps.push_back(std::move(cap));
  }
  return caps;
}

}  // namespace rekindle
