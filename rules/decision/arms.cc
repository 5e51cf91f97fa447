#include "rules/decision/arms.h"

#include "config/base/hash.h"

namespace rekindle {

double GlobalDraw(const GlobalHoldOut& hold_out, std::string_view user_key) {
  return UnitInterval(StableHash({hold_out.salt, user_key}));
}

double RuleDraw(const GlobalHoldOut& hold_out, const Rule& rule,
                std::string_view user_key) {
  return UnitInterval(StableHash({hold_out.salt, rule.id, user_key}));
}

double VariantDraw(const GlobalHoldOut& hold_out, const Rule& rule,
                   std::string_view user_key) {
  return UnitInterval(
      StableHash({hold_out.salt, rule.id, user_key, "variant"}));
}

double RampDraw(const GlobalHoldOut& hold_out, const Rule& rule,
                std::string_view user_key) {
  return UnitInterval(StableHash({hold_out.salt, rule.id, user_key, "ramp"}));
}

const Variant* ChooseVariant(const GlobalHoldOut& hold_out, const Rule& rule,
                             std::string_view user_key) {
  if (rule.variants.empty()) return nullptr;
  double draw = VariantDraw(hold_out, rule, user_key);
  double reached = 0;
  for (const Variant& variant : rule.variants) {
    reached += variant.weight;
    if (draw < reached) return &variant;
  }
  return &rule.variants.back();  // weights that add up to a hair under 1
}

}  // namespace rekindle
