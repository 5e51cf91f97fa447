// Arms of the experiments: who is held out, and which variant the others get.
//
// Each draw is a stable hash of what it is about, so it is the same on every
// run, machine and batch size: the global one of salt and user (the same people
// for every rule), a rule's of salt, rule and user, a variant's of these and
// the word `variant`, a ramp's of these and the word `ramp`. Different inputs
// make the draws independent.
#pragma once

#include <string_view>

#include "rules/definition/rule.h"

namespace rekindle {

// `user_key` is UserDirectory::ExperimentKey. Draws lie in [0, 1).
double GlobalDraw(const GlobalHoldOut& hold_out, std::string_view user_key);
double RuleDraw(const GlobalHoldOut& hold_out, const Rule& rule,
                std::string_view user_key);
double VariantDraw(const GlobalHoldOut& hold_out, const Rule& rule,
                   std::string_view user_key);
double RampDraw(const GlobalHoldOut& hold_out, const Rule& rule,
                std::string_view user_key);

// The variant of a treated user; nullptr where the rule has none.
const Variant* ChooseVariant(const GlobalHoldOut& hold_out, const Rule& rule,
                             std::string_view user_key);

}  // namespace rekindle
