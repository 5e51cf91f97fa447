// The texts that one rule may send: finds missing variables, and renders the
// texts of a touch.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "engine/touches/touch.h"
#include "rules/decision/decision.h"
#include "rules/decision/touch_links.h"
#include "rules/decision/variables.h"

namespace rekindle {

// Not thread-safe.
class RuleTexts {
 public:
  // Reads the values of all variables of the texts for all `users`; the journal
  // is read once if they name events. The rule, `rules` and `facts` outlive it.
  RuleTexts(const Rule& rule, const RuleSet& rules, const Snapshot& facts,
            const UserSet& users, TouchLinks links);

  // The first variable that the user lacks in a text of one of the channels, in
  // whichever variant; nothing where none is missing.
  std::optional<std::string> MissingVariable(UserNumber user,
                                             ChannelSet channels) const;

  // Gives the touch the candidate's channels and, unless it is held out, its
  // texts in each of them and where their links lead. REQUIRES: the touch has
  // its id; no variable is missing.
  void Fill(const Candidate& candidate, Touch* touch);

 private:
  using Contents = std::vector<ChannelContent>;
  VariableLookup LookupFor(UserNumber user, std::string_view language) const;
  Contents Render(UserNumber user, const MessageTemplate& message,
                  ChannelSet channels, std::string_view language) const;

  const Rule& rule_;
  const RuleSet& rules_;
  const Snapshot& facts_;
  std::vector<const MessageTemplate*> templates_;  // of the variants, each once
  bool plain_ = true;                              // no text names a variable
  Variables variables_;
  const TouchLinks links_;
  // Texts that name nothing are the same for all who share these, unless links
  // make each touch's its own.
  std::map<std::tuple<const MessageTemplate*, ChannelSet, bool>,
           std::shared_ptr<const Contents>>
      shared_;
};

}  // namespace rekindle
