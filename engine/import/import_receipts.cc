#include "engine/import/import_receipts.h"

#include <string>

namespace rekindle {
namespace {

IntakeOutcome OutcomeOf(ReceiptFate fate, const Receipt& receipt) {
  const std::string touch = receipt.touch_id.empty()
                                ? "message \"" + receipt.provider_id + "\""
                                : "touch \"" + receipt.touch_id + "\"";
  switch (fate) {
    case ReceiptFate::kTaken:
      return {Intake::kAccepted, ""};
    case ReceiptFate::kRepeated:
      return {Intake::kDuplicate, ""};
    case ReceiptFate::kNotSent:
      return {Intake::kRejected, touch + " was not sent"};
    case ReceiptFate::kUnknown:
      break;
  }
  const std::string of =
      receipt.channel.empty() ? "" : " of channel \"" + receipt.channel + "\"";
  return {Intake::kRejected, "there is no " + touch + of};
}

}  // namespace

std::vector<IntakeOutcome> ImportReceipts(Engine& engine,
                                          std::span<const ReceiptInput> rows,
                                          Instant now) {
  std::vector<Receipt> receipts;
  receipts.reserve(rows.size());
  for (const ReceiptInput& row : rows) {
    receipts.push_back(row.receipt);
    if (!row.dated) receipts.back().at = now;
  }
  const auto users_stay = engine.At(now);
  const auto fates = engine.ledger().TakeReceipts(
      receipts, now, Ledger::UnknownReceipts::kRefuse);
  std::vector<IntakeOutcome> outcomes;
  outcomes.reserve(rows.size());
  for (size_t i = 0; i < rows.size(); ++i) {
    outcomes.push_back(OutcomeOf(fates[i], receipts[i]));
  }
  return outcomes;
}

}  // namespace rekindle
