#include "engine/lifecycle/standings.h"

#include <boost/unordered/unordered_flat_map.hpp>
#include <map>
#include <utility>

#include "engine/audience/snapshot.h"

namespace rekindle {
namespace {

constexpr std::string_view kOther = "other";

// The sets that a standing is told in.
bool IsTold(const NamedSet& set) { return set.kind != SetKind::kSegment; }

void Tell(const NamedSet& set, Standing* standing) {
  switch (set.kind) {
    case SetKind::kState:
      standing->state = ParseState(set.name).value_or(State::kUnknown);
      break;
    case SetKind::kPart:
      standing->substate = set.name.substr(set.name.find('/') + 1);
      break;
    case SetKind::kLabel:
      if (!standing->labels.empty()) standing->labels += ';';
      standing->labels += set.name;
      break;
    case SetKind::kSegment:
      break;
  }
}

// Different combinations of sets get different numbers, set by set: whoever is
// in the next set, too, moves on to a number that says so.
class Combinations {
 public:
  // `tell` adds what the set says to the text of a number.
  uint32_t With(uint32_t number, const NamedSet& set, size_t set_index) {
    const uint64_t key = uint64_t{number} << 32 | set_index;
    const auto [found, added] =
        numbers_.try_emplace(key, static_cast<uint32_t>(texts_.size()));
    if (added) {
      Standing text = texts_[number];
      Tell(set, &text);
      texts_.push_back(std::move(text));
    }
    return found->second;
  }
  std::vector<Standing> TakeTexts() { return std::move(texts_); }

 private:
  boost::unordered_flat_map<uint64_t, uint32_t> numbers_;
  std::vector<Standing> texts_ = {Standing()};
};

}  // namespace

Standings FindStandings(const Snapshot& facts) {
  const EngineSettings& settings = facts.settings();
  Standings standings;
  for (State state : kAllStates) {
    standings.push_back({SetKind::kState, std::string(StateName(state)),
                         facts.InState(state, "")});
  }
  for (const auto& [state, parts] : settings.lifecycle.substates) {
    if (parts.empty()) continue;
    const auto add = [&, state = state](std::string_view part) {
      std::string name(StateName(state));
      name.append("/").append(part);
      standings.push_back(
          {SetKind::kPart, std::move(name), facts.InState(state, part)});
    };
    for (const Substate& part : parts) add(part.name);
    add(kOther);
  }
  for (size_t i = 0; i < settings.preferences.labels.size(); ++i) {
    standings.push_back({SetKind::kLabel, settings.preferences.labels[i].name,
                         facts.Labeled(i)});
  }
  facts.SelectSegments();
  for (size_t i = 0; i < settings.segments.size(); ++i) {
    standings.push_back(
        {SetKind::kSegment, settings.segments[i].name, facts.InSegment(i)});
  }
  return standings;
}

UserSet Changed(const Standings& before, const Standings& after) {
  const UserSet nobody;
  // By kind and name: what stood there before, what stands there now.
  std::map<std::pair<SetKind, std::string_view>,
           std::pair<const UserSet*, const UserSet*>>
      pairs;
  for (const NamedSet& set : before) {
    if (IsTold(set)) pairs[{set.kind, set.name}] = {&set.users, &nobody};
  }
  for (const NamedSet& set : after) {
    if (!IsTold(set)) continue;
    auto& pair =
        pairs.try_emplace({set.kind, set.name}, &nobody, &nobody).first->second;
    pair.second = &set.users;
  }
  UserSet changed;
  for (const auto& [name, pair] : pairs) {
    changed |= *pair.first ^ *pair.second;
  }
  return changed;
}

StandingList StandingsOf(const Standings& standings, const UserSet& users) {
  // The rank of a user is counted from that of the first in the same word.
  const auto words = users.words();
  std::vector<uint32_t> before(words.size());
  uint32_t count = 0;
  for (size_t w = 0; w < words.size(); ++w) {
    before[w] = count;
    count += static_cast<uint32_t>(std::popcount(words[w]));
  }
  StandingList list;
  list.of_user.assign(count, 0);
  Combinations combinations;
  for (size_t i = 0; i < standings.size(); ++i) {
    if (!IsTold(standings[i])) continue;
    const auto members = standings[i].users.words();
    for (size_t w = 0; w < std::min(words.size(), members.size()); ++w) {
      for (uint64_t bits = words[w] & members[w]; bits; bits &= bits - 1) {
        const uint64_t below = words[w] & ((bits & -bits) - 1);
        uint32_t& number = list.of_user[before[w] + static_cast<uint32_t>(
                                                        std::popcount(below))];
        number = combinations.With(number, standings[i], i);
      }
    }
  }
  list.texts = combinations.TakeTexts();
  return list;
}

}  // namespace rekindle
