// Mails about mails: any bytes are a report or none.
#include <string>

#include "channels/receipts/mail_report.h"
#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace rekindle;
  const std::string mail(fuzz::TextOf(data, size));
  const auto report = ReadMailReport(mail);
  if (!report) return 0;
  const auto receipts = ReceiptsOf(*report, "mail", FromMillis(0));
  fuzz::Require(receipts.size() == report->recipients.size(),
                "one receipt a recipient");
  for (const Receipt& receipt : receipts) {
    fuzz::Require(receipt.detail.size() <= 300, "what is shown is short");
  }
  for (const std::string& path : report->return_paths) {
    for (const std::string& token : BounceTokensIn(path)) {
      fuzz::Require(token.size() == 49, "a token has its length");
    }
  }
  return 0;
}
