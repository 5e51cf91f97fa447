// A channel adapter: brings touches to one provider and classifies its
// answers. The adapter classifies; the dispatcher alone retries, backs off and
// gives up (design.md 2.7).
//
// To add one: a folder with settings.h/.cc, <name>_adapter.h/.cc and README.md
// (set-up, settings, what it reports back, crash contract), and one line in
// channel_factory.cc.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/ledger/ledger.h"

namespace rekindle {

enum class OutcomeClass {
  kAccepted,       // the provider has it
  kDeadRecipient,  // permanent for this address: suppress it
  kTemporary,      // try again later
  kAccount,        // credentials or configuration: stop the channel
  kBadMessage,     // this message is at fault: do not retry
  kUnknown,        // it may have been sent
};
std::string_view OutcomeClassName(OutcomeClass c);  // "dead_recipient"

struct Outcome {
  OutcomeClass what = OutcomeClass::kAccepted;
  std::string detail;       // the answer in short; no secrets, no addresses
  std::string provider_id;  // the provider's id of the message, if any
  std::optional<std::chrono::seconds> retry_after;
};

// What the rest of the program must know of an adapter.
struct AdapterTraits {
  std::string address_field;  // profile key; empty: reaches every user
  std::vector<std::string> needed_fields;   // further profile keys needed
  std::vector<std::string> required_parts;  // template part keys
  std::vector<std::string> optional_parts;
  bool any_parts = false;  // the keys are the author's (file hand-offs)
  // Parts that the planner adds by itself, no template has: "unsubscribe_url"
  // (of marketing, where links are configured) and "bounce_token".
  std::vector<std::string> added_parts;
  bool deduplicates = false;  // the provider drops a repeated touch id
  int batch = 64;             // touches worth handing over at once
};

// One thread at a time calls Send of one adapter.
class Adapter {
 public:
  virtual ~Adapter() = default;
  virtual const AdapterTraits& traits() const = 0;
  // Tries each touch once. Calls `report(index, outcome)` exactly once a touch,
  // on this thread, as soon as its outcome is known; returns when all are
  // reported. Never throws, never sleeps, never retries; bounded in time by
  // the adapter's timeouts.
  virtual void Send(std::span<const ClaimedTouch> touches,
                    const std::function<void(size_t, Outcome)>& report) = 0;
};

}  // namespace rekindle
