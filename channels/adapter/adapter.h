// A channel adapter: brings touches to one provider and classifies its
// answers. The adapter classifies; the dispatcher alone retries, backs off and
// gives up (channels/README.md, "Who decides what").
//
// To add one: a folder with settings.h/.cc, <name>_adapter.h/.cc and README.md
// (set-up, settings, what it reports back, crash contract), and one line in
// channel_factory.cc.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
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
  // A temporary outcome that is this recipient's alone (a full mailbox) and
  // says nothing of the channel.
  bool of_recipient = false;
};

// What the rest of the program must know of an adapter.
struct AdapterTraits {
  std::string address_field;  // profile key; empty: reaches every user
  std::vector<std::string> needed_fields;   // further profile keys needed
  std::vector<std::string> required_parts;  // template part keys
  std::vector<std::string> optional_parts;
  bool any_parts = false;  // the keys are the author's (file hand-offs)
  // Parts that the planner adds, not a template: "unsubscribe_url" (to
  // marketing touches, where links are configured) and "bounce_token".
  std::vector<std::string> added_parts;
  bool deduplicates = false;  // the provider drops a repeated touch id
  int concurrency = 1;        // touches in flight at once, at most
};

// Where an adapter takes its touches from and reports what became of them. Only
// the adapter's thread uses it.
class Outbox {
 public:
  virtual ~Outbox() = default;
  // The next touch to try, which stays where it is until its outcome is
  // reported; nullptr where there is none now, or the channel's rate holds it
  // back.
  virtual const ClaimedTouch* Next() = 0;
  // What became of a touch that Next gave; once for each.
  virtual void Report(const ClaimedTouch& touch, Outcome outcome) = 0;
  // Nothing more will come.
  virtual bool ended() const = 0;
  // True: give up what is in flight now, and report it as unknown where it may
  // have left, else as temporary.
  virtual bool cancelled() const = 0;
  // Readable when it is worth asking again; until it is, wait no longer than
  // `patience` before the next call of Next.
  virtual int ready_fd() const = 0;
  virtual std::chrono::milliseconds patience() const = 0;
};

// Waits until it is worth asking the outbox again.
void AwaitMore(const Outbox& outbox);

// One thread at a time calls Send of one adapter.
class Adapter {
 public:
  virtual ~Adapter() = default;
  virtual const AdapterTraits& traits() const = 0;
  // Tries each touch that the outbox gives once, up to `concurrency` at a time,
  // and reports its outcome as soon as it is known; returns when the outbox has
  // ended and all are reported. A touch that cannot be rendered is a bad
  // message and harms no other. Never throws, never retries; takes no longer
  // than the adapter's timeouts, and ends sooner once cancelled.
  virtual void Send(Outbox& outbox) = 0;
};

}  // namespace rekindle
