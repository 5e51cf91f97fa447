// Asks a provider what became of messages, and reads what it says.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "channels/http_client/http_client.h"
#include "channels/receipts/receipt_reader.h"
#include "config/base/clock.h"
#include "config/base/stop_signal.h"

namespace rekindle {

// A question about one touch or, left empty, about whatever there is.
struct ReceiptQuestion {
  ClaimedTouch touch;  // its ids, slot and address; nothing else is known
  std::string provider_id;
  std::string sent_at;  // RFC 3339, of the business zone
};

struct ReceiptReply {
  enum class Kind {
    kAnswered,    // `read` is what it said; the rest have a problem
    kNoAnswer,    // not reached, not in time, cut short, or never asked
    kRefused,     // a status other than 2xx
    kUnreadable,  // a body that is no receipts
  };
  Kind kind = Kind::kAnswered;
  ReadReceipts read;
  std::string problem;  // "HTTP 503": the same while the trouble lasts
  std::string detail;   // more on the problem; no secrets, no addresses
  // The trouble is this touch's alone: others may be asked about.
  bool of_touch = false;
  // The trouble is the provider's and says nothing of the touch. With neither
  // set it may be either's.
  bool of_provider = false;
  std::optional<std::chrono::seconds> retry_after;
};

// One thread at a time.
class ReceiptAsker {
 public:
  // Called on the asking thread as answers come. Returns false to have no
  // further question asked; answers that are on their way still come.
  using Take =
      std::function<bool(const ReceiptQuestion& question, ReceiptReply reply)>;

  // REQUIRES: settings.poll. The clock and the signal outlive it.
  ReceiptAsker(std::string channel, ReceiptSettings settings,
               const Clock& clock, const StopSignal& stop);

  // Asks each question once, some at a time, and returns when all that were
  // asked have been answered. Questions without a reply were not asked, or were
  // given up because of the signal.
  void Ask(std::span<const ReceiptQuestion> questions, const Take& take);

 private:
  HttpRequest RequestFor(const ReceiptQuestion& question) const;
  ReceiptReply ReplyOf(const ReceiptQuestion& question,
                       const HttpAnswer& answer) const;

  const std::string channel_;
  const ReceiptSettings settings_;
  const Clock& clock_;
  const StopSignal& stop_;
  const std::vector<std::string> secrets_;
  HttpClient client_;
};

}  // namespace rekindle
