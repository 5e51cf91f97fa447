// What keeps people in charge: expect, notify, approval.
#include <fmt/format.h>

#include <charconv>

#include "config/base/words.h"
#include "rules/definition/parse_context.h"

namespace rekindle {
namespace {

// The slot's causes that a notice may be asked for; `users` besides.
const std::vector<std::string>& Causes() {
  static const std::vector<std::string> causes = {
      "approval", "blast_guard", "failed", "harms", "missed", "paused"};
  return causes;
}

std::optional<int64_t> ParseUserCount(std::string_view text) {
  int64_t count = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc() || end != text.data() + text.size() || count < 0) {
    return std::nullopt;
  }
  return count;
}

// "1%", "0.5%".
std::optional<double> ParseShare(std::string_view text) {
  if (!text.ends_with('%')) return std::nullopt;
  text.remove_suffix(1);
  double percent = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), percent);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  // "nan" reads as a number, and would be in every range.
  if (!whole || !(percent >= 0 && percent <= 100)) return std::nullopt;
  return percent / 100;
}

// "LEAST..MOST", one of which may be left out.
template <class T>
void ParseRange(const yaml::Node& node, yaml::Diagnostics& d,
                std::string_view what, std::string_view example,
                std::optional<T> (*parse)(std::string_view),
                std::optional<T>* least, std::optional<T>* most) {
  const std::string_view text = node.text();
  const size_t dots = text.find("..");
  const bool is_range = dots != std::string_view::npos && Trim(text).size() > 2;
  const auto low = Trim(text.substr(0, is_range ? dots : 0));
  const auto high = Trim(text.substr(is_range ? dots + 2 : 0));
  if (is_range && !low.empty()) *least = parse(low);
  if (is_range && !high.empty()) *most = parse(high);
  if (!is_range || (!low.empty() && !*least) || (!high.empty() && !*most)) {
    d.Error(node.position(),
            fmt::format("{} must be a range like {}, not {}", what, example,
                        node.IsScalar() ? fmt::format("\"{}\"", text)
                                        : std::string(node.KindName())));
    return;
  }
  if (*least && *most && **most < **least) {
    d.Error(node.position(),
            fmt::format("the range \"{}\" ends before it begins", text));
  }
}

std::optional<Expect> ParseExpect(const yaml::Node& node,
                                  yaml::Diagnostics& d) {
  Expect expect;
  yaml::Section section(node, d, "expect");
  const auto users = section.Take("users");
  const auto share = section.Take("share");
  section.Finish();
  if (users) {
    ParseRange(*users, d, "users", "1000..60000, 1000.. or ..60000",
               &ParseUserCount, &expect.least_users, &expect.most_users);
  }
  if (share) {
    ParseRange(*share, d, "share", "1%..5%, 1%.. or ..5%", &ParseShare,
               &expect.least_share, &expect.most_share);
  }
  if (!users && !share) {
    if (section.valid()) {
      d.Error(node.position(),
              "expect needs \"users\" (like 1000..60000) or \"share\" (of the "
              "known users, like 1%..5%)");
    }
    return std::nullopt;
  }
  return expect;
}

// "users >= 500"; nothing where the text is no comparison of users.
std::optional<Notify::UsersTrigger> ParseUsersTrigger(std::string_view text) {
  if (!text.starts_with("users")) return std::nullopt;
  const std::string_view rest = Trim(text.substr(5));
  for (std::string_view comparison : {">=", "<=", ">", "<"}) {
    if (!rest.starts_with(comparison)) continue;
    const auto bound = ParseUserCount(Trim(rest.substr(comparison.size())));
    if (!bound) return std::nullopt;
    return Notify::UsersTrigger{fmt::format("users {} {}", comparison, *bound),
                                std::string(comparison), *bound};
  }
  return std::nullopt;
}

void ParseWhen(const yaml::Node& node, yaml::Diagnostics& d, Notify* notify) {
  for (const yaml::Node& item : node.AsOneOrMany(d, "when")) {
    if (auto trigger = ParseUsersTrigger(Trim(item.text()))) {
      notify->users.push_back(std::move(*trigger));
    } else if (item.text().starts_with("users")) {
      d.Error(item.position(),
              fmt::format("a comparison must be like `users >= 500`, not "
                          "\"{}\"",
                          item.text()));
    } else if (yaml::CheckKnown(item, d, "cause", Causes())) {
      notify->causes.push_back(item.text());
    }
  }
}

// The receiver's address, where the channel needs one.
std::string ParseTo(yaml::Section& section, const yaml::Node& channel,
                    const ChannelFacts& facts) {
  yaml::Diagnostics& d = section.diagnostics();
  const auto to = section.Take("to");
  if (facts.address_field.empty()) {
    if (to) {
      d.Error(to->position(),
              fmt::format("channel \"{}\" takes no address", facts.id));
    }
    return "";
  }
  if (to) return to->AsString(d, "to").value_or("");
  d.Error(channel.position(),
          fmt::format("channel \"{}\" needs an address: notify: {{channel: {}, "
                      "to: ...}}",
                      facts.id, facts.id));
  return "";
}

std::optional<Notify> ParseOneNotify(const yaml::Node& node,
                                     ParseContext& context) {
  Notify notify;
  yaml::Section section(node, context.d, "notify");
  const int errors_before = context.d.errors();
  const auto channel = section.Require("channel");
  const auto when = section.Require("when");
  if (channel &&
      yaml::CheckKnown(*channel, context.d, "channel", context.ChannelIds())) {
    notify.to.channel = channel->text();
    notify.to.address =
        ParseTo(section, *channel, *context.FindChannel(channel->text()));
  } else {
    section.Take("to");
  }
  if (when) ParseWhen(*when, context.d, &notify);
  section.Finish();
  if (context.d.errors() != errors_before) return std::nullopt;
  return notify;
}

}  // namespace

std::vector<Notify> ParseNotify(const yaml::Node& node, ParseContext& context) {
  std::vector<Notify> all;
  const std::vector<yaml::Node> items =
      node.IsList() ? node.Items() : std::vector<yaml::Node>{node};
  for (const yaml::Node& item : items) {
    if (auto notify = ParseOneNotify(item, context)) {
      all.push_back(std::move(*notify));
    }
  }
  return all;
}

bool ParseApproval(const yaml::Node& node, yaml::Diagnostics& d) {
  return yaml::CheckKnown(node, d, "value of approval", {"required", "none"}) &&
         node.text() == "required";
}

void ParseOversight(yaml::Section& section, ParseContext& context, Rule* rule) {
  if (const auto node = section.Take("expect")) {
    rule->expect = ParseExpect(*node, context.d);
  }
  const auto notify = section.Take("notify");
  rule->notify = notify ? ParseNotify(*notify, context) : context.notify;
  const auto approval = section.Take("approval");
  rule->approval_required = approval ? ParseApproval(*approval, context.d)
                                     : context.approval_required;
}

}  // namespace rekindle
