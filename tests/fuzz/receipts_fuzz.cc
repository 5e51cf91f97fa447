// Callbacks of providers: whatever the body and the headers, they are refused
// in words or give receipts that can be kept.
#include <string>

#include "channels/receipts/receipt_reader.h"
#include "channels/receipts/receipt_signature.h"
#include "simdjson.h"
#include "tests/fuzz/fuzz.h"

namespace rekindle {
namespace {

using fuzz::Require;

ReceiptSettings Mapped() {
  ReceiptSettings settings;
  settings.items = "/events";
  settings.id = {"/id", "/message/0/id"};
  settings.state = {"/event", "/type"};
  settings.events = {{"bounce", ReceiptState::kBounced},
                     {"bounce/blocked", ReceiptState::kUndelivered},
                     {"open", ReceiptState::kOpened}};
  return settings;
}

void RequireReceipts(const ReceiptSettings& settings, std::string_view body,
                     Instant now) {
  const auto read = ReadReceiptBody(settings, "mail", body, now);
  if (!read) return Require(!read.error().message.empty(), "a reason");
  for (const Receipt& receipt : read->receipts) {
    Require(!receipt.touch_id.empty() || !receipt.provider_id.empty(),
            "a receipt names a touch or a message");
    Require(receipt.at <= now, "nothing happened in the future");
    Require(receipt.detail.size() <= 300 && receipt.code.size() <= 300,
            "what is shown is short");
    Require(simdjson::validate_utf8(receipt.detail + receipt.code),
            "what is shown is UTF-8");
  }
  for (const auto& refused : read->refused) {
    Require(!refused.reason.empty(), "a refused item has its reason");
  }
}

void RequireRefused(std::string_view text, Instant now) {
  ReceiptSettings settings;
  settings.keys = {Secret("a secret nobody can guess")};
  settings.header = "x-signature";
  const std::string_view value = text.substr(0, text.find('\n'));
  for (const auto signature :
       {ReceiptSignature::kStandardWebhooks, ReceiptSignature::kHmacSha256,
        ReceiptSignature::kToken}) {
    settings.signature = signature;
    const auto header = [&](std::string_view) { return value; };
    Require(!SignatureProblem(settings, header, text, now).empty(),
            "who does not know the secret is refused");
  }
}

}  // namespace
}  // namespace rekindle

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace rekindle;
  static const ReceiptSettings normalised;
  static const ReceiptSettings mapped = Mapped();
  const std::string text(fuzz::TextOf(data, size));
  const Instant now = FromMillis(1772359200000);
  RequireReceipts(normalised, text, now);
  RequireReceipts(mapped, text, now);
  RequireRefused(text, now);
  return 0;
}
